// The group that an import goes to, with everybody in it whom its lines name. What is there already stays as it is.
import { signedIn, type Ctx } from '../context.ts'
import type { Import } from '../db/imports.ts'
import { findPerson } from '../db/people.ts'
import { stableId } from '../db/stable-id.ts'
import type { Category } from '../domain/categories.ts'
import type { Command } from '../domain/commands.ts'
import { AppError, isRefusal } from '../domain/errors.ts'
import { isPresent, type GroupInfo, type MemberRef } from '../domain/group.ts'
import type { Id } from '../domain/ids.ts'
import type { ImportLine, PersonRef } from '../domain/import/draft.ts'
import { memberFor, voicesOf } from '../domain/import/mapping.ts'
import { categoriesFor, type MappedPerson } from '../domain/import/preview.ts'
import { newInviteCode } from '../platform/invite-codes.ts'
import { createCategory, listCategories } from './categories.ts'
import { listMembers } from './groups.ts'
import { neededOf, type Preview } from './import-preview.ts'
import { runAll, stepOf } from './import-steps.ts'

export interface MadeTarget {
  readonly info: GroupInfo
  /** Everybody whom the lines name. */
  readonly members: ReadonlyMap<PersonRef, MemberRef>
  /** Those who were made for it. */
  readonly guests: readonly Id<'member'>[]
  readonly speaksFor: (member: MemberRef) => boolean
  /** Takes those out who had left where the file comes from. */
  readonly finish: () => Promise<void>
}

async function runOne(ctx: Ctx, one: Import, command: Command, ...name: readonly (string | number)[]): Promise<void> {
  const [failed] = await runAll(ctx, one, [stepOf(ctx, one, command, ...name)])
  if (failed !== undefined) throw AppError.from(failed)
}

async function makeGroup(ctx: Ctx, one: Import, { target }: Preview): Promise<void> {
  const { userId } = signedIn(ctx)
  const person = await findPerson(ctx.db, userId)
  if (person === undefined) throw new AppError('auth.invalid_token')
  const info = { id: one.groupId, ...target.info, isPersonal: false, inviteCode: newInviteCode(target.info.name) }
  const owner = { id: stableId('member', one.id, 'owner'), role: 'owner', ...person } as const
  await runOne(ctx, one, { type: 'create_group', info, members: [owner], invitations: [] }, 'group')
}

/** A guest for the person, the same one each time. */
const guestFor = ({ id }: Import, ref: PersonRef): Id<'member'> => stableId('member', id, 'guest', ref)

/** Makes the guests whom the people need, but those whom an earlier run has made; answers who everybody is. */
async function makeGuests(ctx: Ctx, one: Import, people: readonly MappedPerson[]): Promise<Pick<MadeTarget, 'members' | 'guests'>> {
  const { userId } = signedIn(ctx)
  const before = new Set((await listMembers(ctx, one.groupId)).members.map(({ id }) => id))
  const members = new Map<PersonRef, MemberRef>()
  const guests: Id<'member'>[] = []
  for (const mapped of people) {
    const { person, choice } = mapped
    const id = guestFor(one, person.ref)
    const isMade = before.has(id)
    if (!isMade && !('name' in choice)) {
      members.set(person.ref, memberFor(mapped, userId))
      continue
    }
    const name = 'name' in choice ? choice.name : person.name
    if (!isMade) await runOne(ctx, one, { type: 'add_member', member: { id, name, role: 'member' } }, 'guest', person.ref)
    members.set(person.ref, id)
    guests.push(id)
  }
  return { members, guests }
}

/** Makes the group where it is to be made, and those of the lines' people who are not in it. Throws what the group refuses. */
export async function makeTarget(ctx: Ctx, one: Import, preview: Preview, lines: readonly ImportLine[]): Promise<MadeTarget> {
  const { userId } = signedIn(ctx)
  if (!preview.isMade) await makeGroup(ctx, one, preview)
  const people = neededOf(preview.people, lines, one.isNewGroup)
  const { members, guests } = await makeGuests(ctx, one, people)
  const { info, role, members: all } = await listMembers(ctx, one.groupId)
  const left = people.filter(({ person }) => person.hasLeft === true).map(({ person }) => guestFor(one, person.ref))
  return {
    info,
    members,
    guests,
    speaksFor: voicesOf(all.filter(isPresent), role, userId),
    finish: async () => {
      for (const member of left.filter((id) => guests.includes(id)))
        await ignoringRefusal(runOne(ctx, one, { type: 'remove_member', member }, 'left', member))
    },
  }
}

/** Who has a balance stays in the group. */
async function ignoringRefusal(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!isRefusal(error)) throw error
  }
}

/** Makes those of the file's own categories that the caller does not have; answers all that they have then. */
export async function makeCategories(ctx: Ctx, { draft, categories }: Preview): Promise<readonly Category[]> {
  const wanted = draft.categories ?? []
  let [all, known] = [categories, categoriesFor(draft, categories)]
  for (const { id, name, icon, color, parent } of wanted.toSorted(
    (a, b) => Number(a.parent !== undefined) - Number(b.parent !== undefined),
  )) {
    if (known.has(id)) continue
    const parentId = parent === undefined ? undefined : known.get(parent)
    await ignoringRefusal(createCategory(ctx, { name, icon, color, ...(parentId && { parentId }) }))
    all = await listCategories(ctx)
    known = categoriesFor(draft, all)
  }
  return all
}
