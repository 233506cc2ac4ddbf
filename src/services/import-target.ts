// The group that an import goes to, with everybody in it whom the file names. What is there already stays as it is.
import { signedIn, type Ctx } from '../context.ts'
import type { Import } from '../db/imports.ts'
import { findPerson } from '../db/people.ts'
import { stableId } from '../db/stable-id.ts'
import type { Category } from '../domain/categories.ts'
import type { Command } from '../domain/commands.ts'
import { AppError, isRefusal } from '../domain/errors.ts'
import type { GroupInfo, MemberRef } from '../domain/group.ts'
import type { Id } from '../domain/ids.ts'
import { categoriesFor } from '../domain/import/preview.ts'
import { allows } from '../domain/roles.ts'
import { newInviteCode } from '../platform/invite-codes.ts'
import { createCategory, listCategories } from './categories.ts'
import { listMembers } from './groups.ts'
import type { Preview } from './import-preview.ts'
import { runAll, stepOf } from './import-steps.ts'

export interface MadeTarget {
  readonly info: GroupInfo
  /** Everybody whom the file names. */
  readonly members: ReadonlyMap<string, MemberRef>
  /** Those who were made for it. */
  readonly guests: readonly Id<'member'>[]
  /** Whether the caller may say things in their name: their own, and as an admin that of guests. */
  readonly speaksFor: (member: MemberRef) => boolean
  /** Takes those out who had left where the file comes from. */
  readonly finish: () => Promise<void>
}

async function runOne(ctx: Ctx, one: Import, command: Command, ...name: readonly string[]): Promise<void> {
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

/** Makes the group where it is to be made, and those who are not in it. Throws what the group refuses. */
export async function makeTarget(ctx: Ctx, one: Import, preview: Preview): Promise<MadeTarget> {
  const { userId } = signedIn(ctx)
  if (!preview.isMade) await makeGroup(ctx, one, preview)
  const before = new Set((await listMembers(ctx, one.groupId)).members.map(({ id }) => id))
  const members = new Map<string, MemberRef>()
  const guests: Id<'member'>[] = []
  for (const { person, choice } of preview.people) {
    const id = stableId('member', one.id, 'guest', person.ref)
    const isGuest = before.has(id) || 'name' in choice
    members.set(person.ref, isGuest ? id : 'name' in choice ? id : choice.member === 'me' ? userId : choice.member)
    if (!isGuest) continue
    guests.push(id)
    if (before.has(id) || !('name' in choice)) continue
    await runOne(ctx, one, { type: 'add_member', member: { id, name: choice.name, role: 'member' } }, 'guest', person.ref)
  }
  const { info, role, members: all } = await listMembers(ctx, one.groupId)
  const users = new Set<string>(all.flatMap((member) => (member.userId === undefined ? [] : [member.id, member.userId])))
  const own = new Set<string>(all.flatMap((member) => (member.userId === userId ? [member.id, userId] : [])))
  const left = preview.people.filter(({ person }) => person.hasLeft === true).flatMap(({ person }) => members.get(person.ref) ?? [])
  return {
    info,
    members,
    guests,
    speaksFor: (ref) => own.has(ref) || (!users.has(ref) && allows(role, 'member.change')),
    finish: async () => {
      for (const member of left.filter((ref) => guests.some((id) => id === ref)))
        await ignoringRefusal(runOne(ctx, one, { type: 'remove_member', member }, 'left', member))
    },
  }
}

/** Who has a balance stays in the group. */
export async function ignoringRefusal(work: Promise<unknown>): Promise<void> {
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
