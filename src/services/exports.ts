// Exports: everything that a group has, for whoever is in it, or everything of a person; made by a job.
import { signedIn, type Ctx } from '../context.ts'
import { listOwnCategories } from '../db/categories.ts'
import * as rows from '../db/jobs.ts'
import { listPlaces } from '../db/rollups.ts'
import { findUser } from '../db/users.ts'
import type { GroupAccess } from '../domain/access.ts'
import { AppError } from '../domain/errors.ts'
import { isElsewhere, profileDocument } from '../domain/export/profile.ts'
import type { GroupInfo } from '../domain/group.ts'
import type { Id } from '../domain/ids.ts'
import type { ExportFormat, ExportScope, Job } from '../domain/job.ts'
import { requireGroup } from './access.ts'
import { getNotificationPreferences } from './notifications.ts'
import { commit } from './repeatable.ts'

export type ExportJob = Job<'export'>

export const exportIdOf = (id: Id<'job'>): Id<'export'> => `xpt_${id.slice('job_'.length)}`
const jobIdOf = (id: Id<'export'>): Id<'job'> => `job_${id.slice('xpt_'.length)}`

export interface CreateExport {
  readonly format: ExportFormat
  readonly scope: ExportScope
  /** The personal one where absent; not with all. */
  readonly groupId?: Id<'group'>
}

/** An API key tells of its owner only what its scopes name. */
function requireProfile(ctx: Ctx): void {
  const actor = signedIn(ctx)
  if (actor.type === 'session' || actor.scopes.includes('profile:read')) return
  throw new AppError('auth.forbidden', [
    {
      field: 'Authorization',
      message: 'Everything of a person has their profile in it, and the API key lacks the scope',
      code: 'SCOPE_MISSING',
      expected: 'profile:read',
      got: actor.scopes.join(' '),
    },
  ])
}

/** Has the export made. Throws `group.not_found`, `export.scope` for all with a group, `auth.forbidden` for all by a key that may not see the profile. */
export async function createExport(ctx: Ctx, { format, scope, groupId: named }: CreateExport): Promise<ExportJob> {
  const { userId, personalGroupId } = signedIn(ctx)
  if (scope === 'all' && named !== undefined) {
    throw new AppError('export.scope', [
      {
        field: 'group_id',
        message: 'All has every group in it',
        code: 'NOT_WITH_ALL',
        expected: 'no group_id, or scope group',
        got: named,
      },
    ])
  }
  const groupId = scope === 'all' ? null : (named ?? personalGroupId)
  if (groupId === null) requireProfile(ctx)
  else await requireGroup(ctx, groupId, 'expense.read')
  return commit(ctx, () => {
    ctx.notes.hasEffects = true
    const outcome = rows.newJob('export', userId, { groupId, format }, ctx.now)
    return Promise.resolve({ statements: rows.insertJob(ctx.db, outcome), outcome })
  })
}

/** One of the caller's exports; throws `export.not_found`, `auth.forbidden` for all by a key that may not see the profile. */
export async function getExport(ctx: Ctx, id: Id<'export'>): Promise<ExportJob> {
  const job = await rows.findJob(ctx.db, jobIdOf(id))
  if (job === undefined || job.kind !== 'export' || job.userId !== signedIn(ctx).userId) throw new AppError('export.not_found')
  const found = job as ExportJob
  if (found.input.groupId === null) requireProfile(ctx)
  return found
}

/** A group that is exported. */
export interface ExportedGroup {
  readonly access: GroupAccess
  readonly info: GroupInfo
  /** What it is called to whoever is in it. */
  readonly name: string
}

async function findExported(ctx: Ctx, groupId: Id<'group'>): Promise<ExportedGroup> {
  const { access, view } = await requireGroup(ctx, groupId, 'expense.read')
  return { access, info: view.info, name: view.info.isPersonal ? 'Personal' : view.info.name }
}

/**
 * What is exported: the group, or every one that the caller is in, archived ones too, the personal one first and the
 * others in the order in which they were made. Throws `group.not_found` for a group that is not theirs.
 */
export async function listExported(ctx: Ctx, groupId: Id<'group'> | null): Promise<ExportedGroup[]> {
  if (groupId !== null) return [await findExported(ctx, groupId)]
  const { userId, personalGroupId } = signedIn(ctx)
  const others = (await listPlaces(ctx.db.$client, userId)).map((place) => place.groupId).filter((id) => id !== personalGroupId)
  return Promise.all([personalGroupId, ...others.toSorted()].map((id) => findExported(ctx, id)))
}

/** What the caller's account says of them, and the key of their picture where we keep it. */
export async function readOwnProfile(ctx: Ctx): Promise<{ readonly document: object; readonly avatarKey?: string }> {
  const { userId } = signedIn(ctx)
  const [user, preferences, categories] = await Promise.all([
    findUser(ctx.db, userId),
    getNotificationPreferences(ctx),
    listOwnCategories(ctx.db, userId),
  ])
  if (user === undefined) throw new AppError('auth.invalid_token')
  const { avatarKey } = user
  return { document: profileDocument(user, preferences, categories), ...(avatarKey !== null && !isElsewhere(avatarKey) && { avatarKey }) }
}
