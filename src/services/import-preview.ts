// What would come of an import: the file read as its owner says, its people found in the group, and its lines held against
// what the group has. It is worked out anew each time, so that it never tells of a group as it was.
import { signedIn, type Ctx } from '../context.ts'
import { findAlike, findKnownLines, type Import } from '../db/imports.ts'
import { findUser } from '../db/users.ts'
import type { Category } from '../domain/categories.ts'
import { AppError } from '../domain/errors.ts'
import { isPresent, MAX_MEMBERS, type GroupInfo } from '../domain/group.ts'
import { peopleIn } from '../domain/import/commands.ts'
import { errorAt, identityOf, noticeAt, type Fault, type ImportDraft, type ImportLine, type PersonRef } from '../domain/import/draft.ts'
import { mappingOf, memberFor, voicesOf } from '../domain/import/mapping.ts'
import { faultsOfNewGroup, newGroupOf } from '../domain/import/new-group.ts'
import {
  mapPeople,
  previewLines,
  type Importer,
  type MappedPerson,
  type PresentMember,
  type PreviewedLine,
} from '../domain/import/preview.ts'
import type { Id } from '../domain/ids.ts'
import { allows, type Role } from '../domain/roles.ts'
import { dayIn } from '../domain/time.ts'
import { displayName } from '../domain/user.ts'
import { findFile } from '../platform/files.ts'
import { digest } from '../platform/keys.ts'
import { listCategories } from './categories.ts'
import { getGroup, listMembers } from './groups.ts'
import { planOf } from './import-plan.ts'
import { readFile, type ReadFile } from './read-import.ts'

/** The group that it goes to, as it is or as it would be made. */
interface Target {
  readonly info: Pick<GroupInfo, 'name' | 'description' | 'type' | 'currency' | 'isPrivate' | 'settings' | 'isPersonal' | 'archivedAt'>
  readonly role: Role
  readonly members: readonly PresentMember[]
}

export interface Preview extends ReadFile {
  readonly target: Target
  /** Whether the group is there, or still to be made. */
  readonly isMade: boolean
  readonly people: readonly MappedPerson[]
  /** Those of them whom a line that is taken names. */
  readonly needed: ReadonlySet<PersonRef>
  readonly lines: readonly PreviewedLine[]
  readonly categories: readonly Category[]
  /** Of the file and of what the group would make of it. */
  readonly faults: readonly Fault[]
}

async function importerOf(ctx: Ctx): Promise<Importer> {
  const user = await findUser(ctx.db, signedIn(ctx).userId)
  if (user === undefined) throw new AppError('auth.invalid_token')
  const { firstName, lastName, username, email, id } = user
  const short = lastName === '' ? [] : [`${firstName} ${lastName.slice(0, 1)}.`]
  return { userId: id, names: [displayName(user), username, ...(firstName === '' ? [] : [firstName]), ...short], email }
}

/** What the group would refuse whoever is in it. */
function faultsOfGroup({ info, role }: Target): Fault[] {
  if (info.archivedAt !== undefined) return [errorAt('GROUP_ARCHIVED', 'The group is archived; unarchive it first', { column: 'group_id' })]
  if (allows(role, 'expense.create')) return []
  return [errorAt('ROLE', 'Your role in the group cannot add expenses', { column: 'group_id', expected: 'member', got: role })]
}

/** What it would refuse of the people whom the lines name. */
function faultsOfPeople(people: readonly MappedPerson[], target: Target, isNewGroup: boolean): Fault[] {
  const strangers = people.filter(({ choice }) => 'name' in choice)
  const isMe = people.some(({ choice }) => 'member' in choice && choice.member === 'me')
  const count = target.members.length + strangers.length + (isNewGroup ? 1 : 0)
  const tooMany =
    count <= MAX_MEMBERS
      ? []
      : [
          errorAt('TOO_MANY_MEMBERS', 'The group would have more members than it can', {
            ...{ column: 'people', expected: `at most ${MAX_MEMBERS}`, got: String(count), difference: String(count - MAX_MEMBERS) },
          }),
        ]
  if (isNewGroup)
    return people.length === 0 || isMe
      ? tooMany
      : [...tooMany, noticeAt('YOU_ARE_NOT_NAMED', 'None of the people is you; the group will have you beside them', { column: 'people' })]
  const got = strangers.map(({ person }) => person.name).join(', ')
  if (got === '') return []
  if (target.info.isPersonal)
    return [
      errorAt('PERSONAL_GROUP', 'Your personal group has nobody but you; take another group, or say that they are you', {
        column: 'people',
        got,
      }),
    ]
  if (allows(target.role, 'member.add')) return tooMany
  const where = { column: 'people', expected: 'members of the group', got }
  return [errorAt('MEMBERS_NEEDED', 'They are not in the group, and your role cannot add them', where)]
}

/** Those whom a line that is taken names; a new group has everybody whom its file names. */
export function neededOf(people: readonly MappedPerson[], lines: readonly ImportLine[], isNewGroup: boolean): readonly MappedPerson[] {
  if (isNewGroup) return people
  const named = new Set(lines.flatMap(peopleIn))
  return people.filter(({ person }) => named.has(person.ref))
}

/** The group as it is; undefined while it is still to be made. */
async function targetOf(ctx: Ctx, one: Import): Promise<Target | undefined> {
  if (one.isNewGroup && one.state === 'staged') return undefined
  try {
    const { info, role, members } = await listMembers(ctx, one.groupId)
    return { info, role, members: members.filter(isPresent) }
  } catch (error) {
    if (one.state === 'importing' && one.isNewGroup && error instanceof AppError && error.code === 'group.not_found') return undefined
    throw error
  }
}

async function bytesOf(ctx: Ctx, { fileKey }: Import): Promise<Uint8Array> {
  const file = await findFile(ctx.env, fileKey)
  if (file === undefined)
    throw new AppError('import.state', [{ field: 'import_id', message: 'Its file is not kept any more', code: 'FILE_GONE' }])
  return new Uint8Array(await new Response(file.body).arrayBuffer())
}

/** Works out what would come of it. Throws `group.not_found`, `import.state` where the file is gone. */
export async function previewImport(ctx: Ctx, one: Import, bytes?: Uint8Array): Promise<Preview> {
  const [existing, importer, categories, own, content] = await Promise.all([
    targetOf(ctx, one),
    importerOf(ctx),
    listCategories(ctx),
    getGroup(ctx, signedIn(ctx).personalGroupId),
    bytes ?? bytesOf(ctx, one),
  ])
  const { settings } = one
  const currency = settings.currency ?? existing?.info.currency ?? settings.group?.currency ?? own.info.currency
  const read = readFile(content, settings, currency, dayIn(signedIn(ctx).timezone, ctx.now))
  const target = existing ?? {
    info: { ...newGroupOf(read.draft, settings, one.fileName, own.info.currency), isPersonal: false },
    role: 'owner' as const,
    members: [],
  }
  const people = mapPeople(read.draft, target.members, importer, settings)
  const identified = read.draft.lines.map((line) => ({ line, identity: digest(identityOf(line)) }))
  const found = existing === undefined ? NOTHING_FOUND : await findIn(ctx, one.groupId, identified)
  const lines = previewLines(identified, found, settings, one.isNewGroup)
  const taken = lines.filter(({ isTaken }) => isTaken).map(({ line }) => line)
  const needed = neededOf(people, taken, one.isNewGroup)
  const isStaged = one.state === 'staged' || one.job?.state === 'failed'
  const faults = [
    ...(read.draft.lines.length === 0 ? faultsOfNothing(read.draft) : []),
    ...(isStaged ? [...faultsOfGroup(target), ...faultsOfPeople(needed, target, existing === undefined)] : []),
    ...(isStaged ? await faultsOfPlan(ctx, one, { ...read, target, people: needed, taken }) : []),
    ...(existing === undefined ? faultsOfNewGroup(read.draft, settings) : []),
    ...read.draft.faults,
  ]
  return {
    ...read,
    target,
    isMade: existing !== undefined,
    people,
    needed: new Set(needed.map(({ person }) => person.ref)),
    lines,
    categories,
    faults,
  }
}

const NOTHING_FOUND = { known: new Set<string>(), alike: [] }

/** A file in which there is nothing to import is no success. */
function faultsOfNothing({ faults }: ImportDraft): Fault[] {
  if (faults.some(({ severity }) => severity === 'error')) return []
  return [errorAt('NOTHING_TO_IMPORT', 'No line of the file could be read as an expense or a payment', { expected: 'at least one' })]
}

type Planned = ReadFile & Pick<Preview, 'target' | 'people'> & { readonly taken: readonly ImportLine[] }

/** What would be lost of the lines on their way into the group; told as if those who are to be made were there. */
async function faultsOfPlan(ctx: Ctx, one: Import, { draft, target, people, taken }: Planned): Promise<readonly Fault[]> {
  const { userId } = signedIn(ctx)
  const { info, members, role } = target
  const mapping = mappingOf({
    ...{ draft, info, isNewGroup: one.isNewGroup },
    people: new Map(people.map((mapped) => [mapped.person.ref, memberFor(mapped, userId)])),
    speaksFor: voicesOf(members, role, userId),
    // Nothing is made of them.
    ids: { expense: () => 'exp_', settlement: () => 'stl_', comment: () => 'cmt_' },
  })
  return (await planOf(ctx, taken, mapping, info)).faults
}

/** What the group has of the lines. An expense that came of one of them is no duplicate of another. */
async function findIn(ctx: Ctx, groupId: Id<'group'>, lines: readonly Pick<PreviewedLine, 'line' | 'identity'>[]) {
  const d1 = ctx.db.$client
  const known = await findKnownLines(
    d1,
    groupId,
    lines.map(({ identity }) => identity),
  )
  const taken = known.filter((line) => line.isThere === 1 || line.isUnderWay === 1)
  const identities = new Set(taken.map(({ identity }) => identity))
  const fresh = lines.filter(({ identity }) => !identities.has(identity)).map(({ line }) => line)
  const records = new Set<string>(known.map(({ recordId }) => recordId))
  const alike = (await findAlike(d1, groupId, fresh)).filter(({ id }) => !records.has(id))
  return { known: identities, alike }
}
