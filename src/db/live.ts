// What the sockets have to ask the database: whose credentials still stand, where users' hubs are, and what
// categories are called that somebody made for themselves.
import type { Category } from '../domain/categories.ts'
import type { Id } from '../domain/ids.ts'
import type { Timestamp } from '../domain/time.ts'

const LIVE_SESSION =
  'SELECT 1 FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = c.value AND s.revoked_at IS NULL AND u.deactivated_at IS NULL'
const LIVE_KEY =
  'SELECT 1 FROM api_keys k JOIN users u ON u.id = k.user_id WHERE k.id = c.value AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > ?) AND u.deactivated_at IS NULL'

const LIVE_LINK = 'SELECT 1 FROM claim_links l WHERE l.id = c.value AND l.revoked_at IS NULL AND l.expires_at > ?'

/** Those of the sessions, API keys and links for guests that no longer stand. */
export async function findEndedCredentials(d1: D1Database, ids: readonly string[], now: Timestamp): Promise<Set<string>> {
  const { results } = await d1
    .prepare(
      `SELECT c.value AS id FROM json_each(?) c WHERE NOT EXISTS (${LIVE_SESSION}) AND NOT EXISTS (${LIVE_KEY}) AND NOT EXISTS (${LIVE_LINK})`,
    )
    .bind(JSON.stringify(ids), now, now)
    .all<{ id: string }>()
  return new Set(results.map((row) => row.id))
}

/** The personal group of each user: its object is where their own socket is held. */
export async function findHubs(d1: D1Database, userIds: readonly Id<'user'>[]): Promise<{ userId: Id<'user'>; hub: Id<'group'> }[]> {
  const { results } = await d1
    .prepare('SELECT id AS userId, personal_group_id AS hub FROM users WHERE id IN (SELECT value FROM json_each(?))')
    .bind(JSON.stringify(userIds))
    .all<{ userId: Id<'user'>; hub: Id<'group'> }>()
  return results
}

/** Users' own categories, deleted ones included: an expense keeps the category that it was filed under. */
export async function readOwnCategories(d1: D1Database, ids: readonly Id<'category'>[]): Promise<Category[]> {
  const { results } = await d1
    .prepare('SELECT id, name, icon, color FROM categories WHERE id IN (SELECT value FROM json_each(?))')
    .bind(JSON.stringify(ids))
    .all<Pick<Category, 'id' | 'name' | 'icon' | 'color'>>()
  return results.map((row) => ({ ...row, isDefault: false }))
}
