// Endpoints of webhooks. A secret leaves this file only encrypted, and only for those who ask for it by name.
import { and, count, desc, eq, inArray, isNull, ne, sql } from 'drizzle-orm'
import type { Id } from '../domain/ids.ts'
import type { Timestamp } from '../domain/time.ts'
import { MAX_ENDPOINTS, type Endpoint, type EventChoice } from '../domain/webhook.ts'
import type { Db, Statement } from './client.ts'
import { deliveries, webhookEndpoints as endpoints } from './outward-schema.ts'
import { members } from './schema.ts'

/** As they stand in the row: encrypted. */
export interface SealedSecrets {
  readonly secret: string
  readonly previousSecret: string | null
  readonly previousUntil: Timestamp | null
}

/** The columns of an endpoint without its secrets. */
export const SHOWN = {
  id: endpoints.id,
  userId: endpoints.userId,
  url: endpoints.url,
  description: endpoints.description,
  events: endpoints.events,
  groupIds: endpoints.groupIds,
  origin: endpoints.origin,
  disabledAt: endpoints.disabledAt,
  disabledReason: endpoints.disabledReason,
  failingSince: endpoints.failingSince,
  previousUntil: endpoints.previousUntil,
  version: endpoints.version,
  createdAt: endpoints.createdAt,
  updatedAt: endpoints.updatedAt,
}

export const SECRETS = {
  secret: endpoints.secret,
  previousSecret: endpoints.previousSecret,
  previousUntil: endpoints.previousUntil,
}

type Row = Omit<Endpoint, 'events' | 'groupIds'> & { readonly events: string; readonly groupIds: string | null }

/** What stands in the columns was checked when it was written. */
export const endpointOf = (row: Row): Endpoint => ({
  ...row,
  events: JSON.parse(row.events) as EventChoice[],
  groupIds: row.groupIds === null ? null : (JSON.parse(row.groupIds) as Id<'group'>[]),
})

const listsOf = ({ events, groupIds }: Pick<Endpoint, 'events' | 'groupIds'>) => ({
  events: JSON.stringify(events),
  groupIds: groupIds === null ? null : JSON.stringify(groupIds),
})

/** The statements that store an endpoint; they fail as a whole if its user then has too many. */
export const insertEndpoint = (db: Db, endpoint: Endpoint, secret: string): Statement[] => [
  db.insert(endpoints).values({ ...endpoint, ...listsOf(endpoint), secret }),
  db
    .update(endpoints)
    .set({ version: sql`NULL` })
    .where(
      and(
        eq(endpoints.id, endpoint.id),
        sql`(SELECT COUNT(*) FROM webhook_endpoints WHERE user_id = ${endpoint.userId} AND deleted_at IS NULL) > ${MAX_ENDPOINTS}`,
      ),
    ),
]

/** Makes the batch fail as a whole unless the endpoint still has this version. */
export const requireEndpointVersion = (db: Db, id: Id<'webhook'>, version: number): Statement =>
  db
    .update(endpoints)
    .set({ version: sql`NULL` })
    .where(and(eq(endpoints.id, id), ne(endpoints.version, version)))

/** Which of the two guards refused is known by which of them was in the batch. */
export const isEndpointGuard = (message: string): boolean => message.includes('NOT NULL constraint failed: webhook_endpoints.version')

/** Writes all of the endpoint but its secrets. */
export const updateEndpoint = (db: Db, endpoint: Endpoint): Statement =>
  db
    .update(endpoints)
    .set({ ...endpoint, ...listsOf(endpoint) })
    .where(eq(endpoints.id, endpoint.id))

/** Gives the endpoint a new secret; the present one becomes the previous one. */
export const rotateSecret = (db: Db, endpoint: Endpoint, secret: string): Statement =>
  db
    .update(endpoints)
    .set({
      previousSecret: sql`${endpoints.secret}`,
      secret,
      previousUntil: endpoint.previousUntil,
      version: endpoint.version,
      updatedAt: endpoint.updatedAt,
    })
    .where(eq(endpoints.id, endpoint.id))

const isOf = (userId: Id<'user'>) => and(eq(endpoints.userId, userId), isNull(endpoints.deletedAt))

/** The user's endpoint, or undefined where there is none, or it is another's. */
export async function findEndpoint(db: Db, userId: Id<'user'>, id: Id<'webhook'>): Promise<Endpoint | undefined> {
  const row = await db
    .select(SHOWN)
    .from(endpoints)
    .where(and(eq(endpoints.id, id), isOf(userId)))
    .get()
  return row === undefined ? undefined : endpointOf(row)
}

export const findSecrets = (db: Db, id: Id<'webhook'>): Promise<SealedSecrets | undefined> =>
  db.select(SECRETS).from(endpoints).where(eq(endpoints.id, id)).get()

/** The user's endpoints, the newest first; there are never many. */
export async function listEndpoints(db: Db, userId: Id<'user'>): Promise<Endpoint[]> {
  const rows = await db.select(SHOWN).from(endpoints).where(isOf(userId)).orderBy(desc(endpoints.id))
  return rows.map(endpointOf)
}

/** The endpoints to which something may be sent, of those users whose accounts are active. */
export async function listEnabledEndpoints(db: Db, userIds: readonly Id<'user'>[]): Promise<Endpoint[]> {
  const rows = await db
    .select(SHOWN)
    .from(endpoints)
    .where(
      and(
        // No join: it would look every user up before it asks whether they have an endpoint.
        sql`NOT EXISTS (SELECT 1 FROM users WHERE users.id = ${endpoints.userId} AND users.deactivated_at IS NOT NULL)`,
        sql`${endpoints.userId} IN (SELECT value FROM json_each(${JSON.stringify(userIds)}))`,
        isNull(endpoints.deletedAt),
        isNull(endpoints.disabledAt),
      ),
    )
    .orderBy(endpoints.id)
  return rows.map(endpointOf)
}

/** The statements that delete the endpoint and end what waits for it. */
export const deleteEndpoint = (db: Db, id: Id<'webhook'>, now: Timestamp): Statement[] => [
  db.update(endpoints).set({ deletedAt: now, secret: '', previousSecret: null }).where(eq(endpoints.id, id)),
  db
    .update(deliveries)
    .set({ state: 'failed' })
    .where(and(eq(deliveries.endpointId, id), sql`${deliveries.state} = 'pending'`)),
]

/** Which of the groups the user is in. */
export async function findOwnGroups(db: Db, userId: Id<'user'>, groupIds: readonly Id<'group'>[]): Promise<Set<Id<'group'>>> {
  const rows = await db
    .select({ id: members.groupId })
    .from(members)
    .where(and(eq(members.userId, userId), eq(members.status, 'active'), inArray(members.groupId, [...groupIds])))
  return new Set(rows.map((row) => row.id))
}

/** Whether the user is in the group, or was. */
export async function hasBeenIn(db: Db, userId: Id<'user'>, groupId: Id<'group'>): Promise<boolean> {
  const row = await db
    .select({ n: count() })
    .from(members)
    .where(and(eq(members.userId, userId), eq(members.groupId, groupId)))
    .get()
  return (row?.n ?? 0) > 0
}
