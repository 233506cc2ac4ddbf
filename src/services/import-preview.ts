// What would come of an import: the file read as its owner says, its people found in the group, and its lines held against
// what the group has. It is worked out anew each time, so that it never tells of a group as it was.
import { signedIn, type Ctx } from '../context.ts'
import { findAlike, findKnownLines, type Import } from '../db/imports.ts'
import { findUser } from '../db/users.ts'
import type { Category } from '../domain/categories.ts'
import { AppError } from '../domain/errors.ts'
import { isPresent, type GroupInfo } from '../domain/group.ts'
import { errorAt, identityOf, noticeAt, type Fault } from '../domain/import/draft.ts'
import { newGroupOf } from '../domain/import/new-group.ts'
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
import { displayName } from '../domain/user.ts'
import { findFile } from '../platform/files.ts'
import { digest } from '../platform/keys.ts'
import { listCategories } from './categories.ts'
import { getGroup, listMembers } from './groups.ts'
import { readFile, type ReadFile } from './read-import.ts'

/** The group that it goes to, as it is or as it would be made. */
interface Target {
  readonly info: Pick<GroupInfo, 'name' | 'description' | 'type' | 'currency' | 'isPrivate' | 'settings'>
  readonly isPersonal: boolean
  readonly role: Role
  readonly members: readonly PresentMember[]
}

export interface Preview extends ReadFile {
  readonly target: Target
  /** Whether the group is there, or still to be made. */
  readonly isMade: boolean
  readonly people: readonly MappedPerson[]
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

/** What the group would refuse, as far as it can be told before. */
function faultsOfTarget(people: readonly MappedPerson[], target: Target, isNewGroup: boolean): Fault[] {
  const strangers = people.filter(({ choice }) => 'name' in choice)
  const isMe = people.some(({ choice }) => 'member' in choice && choice.member === 'me')
  const [someone] = strangers
  if (isNewGroup)
    return people.length === 0 || isMe
      ? []
      : [noticeAt('YOU_ARE_NOT_NAMED', 'None of the people is you; the group will have you beside them', { column: 'people' })]
  if (someone === undefined) return []
  const got = strangers.map(({ person }) => person.name).join(', ')
  if (target.isPersonal)
    return [
      errorAt('PERSONAL_GROUP', 'Your personal group has nobody but you; take another group, or say that they are you', {
        column: 'people',
        got,
      }),
    ]
  if (allows(target.role, 'member.add')) return []
  return [
    errorAt('MEMBERS_NEEDED', 'They are not in the group, and your role cannot add them', {
      column: 'people',
      expected: 'members of the group',
      got,
    }),
  ]
}

/** The group as it is; undefined while it is still to be made. */
async function targetOf(ctx: Ctx, one: Import): Promise<Target | undefined> {
  if (one.isNewGroup && one.state === 'staged') return undefined
  try {
    const { info, role, members } = await listMembers(ctx, one.groupId)
    return { info, isPersonal: info.isPersonal, role, members: members.filter(isPresent) }
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
  const read = readFile(content, settings, settings.currency ?? existing?.info.currency ?? settings.group?.currency ?? own.info.currency)
  const target = existing ?? {
    info: newGroupOf(read.draft, settings, one.fileName, own.info.currency),
    isPersonal: false,
    role: 'owner' as const,
    members: [],
  }
  const people = mapPeople(read.draft, target.members, importer, settings)
  const lines = read.draft.lines.map((line) => ({ line, identity: digest(identityOf(line)) }))
  const found = existing === undefined ? { known: new Set<string>(), alike: [] } : await findIn(ctx, one.groupId, lines)
  return {
    ...read,
    target,
    isMade: existing !== undefined,
    people,
    lines: previewLines(lines, found, settings, one.isNewGroup),
    categories,
    faults: [...faultsOfTarget(people, target, existing === undefined), ...read.draft.faults],
  }
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
