// Reading groups. Membership stands inside each statement, so there is no reading without it.
import type { GroupInfo } from '../domain/group.ts'
import type { GroupFilter, GroupLine, MyBalance } from '../domain/group-lines.ts'
import type { GroupFigures } from '../domain/outcome.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import type { Currency } from '../domain/currency.ts'
import type { Id } from '../domain/ids.ts'
import type { Role } from '../domain/roles.ts'
import { COUNT_PARAM } from './client.ts'

interface GroupRow {
  readonly id: Id<'group'>
  readonly name: string
  readonly description: string
  readonly type: GroupInfo['type']
  readonly is_personal: number
  readonly currency: Currency
  readonly is_private: number
  readonly invite_code: string | null
  readonly image_key: string | null
  readonly settings: string
  readonly created_by: Id<'user'>
  readonly created_at: number
  readonly updated_at: number
  readonly archived_at: number | null
  readonly version: number
  readonly member_count: number
  readonly expense_count: number
  readonly total_minor: number
  readonly unsettled_minor: number
}

interface GroupLineRow extends GroupRow {
  readonly role: Role
  readonly my_minor: number | null
  readonly total: number
}

function groupOfRow(row: GroupRow): { info: GroupInfo; figures: GroupFigures } {
  const info: GroupInfo = {
    id: row.id,
    name: row.name,
    description: row.description,
    type: row.type,
    isPersonal: row.is_personal === 1,
    currency: row.currency,
    isPrivate: row.is_private === 1,
    ...(row.invite_code !== null && { inviteCode: row.invite_code }),
    ...(row.image_key !== null && { imageKey: row.image_key }),
    settings: JSON.parse(row.settings) as GroupInfo['settings'],
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...(row.archived_at !== null && { archivedAt: row.archived_at }),
    version: row.version,
  }
  return {
    info,
    figures: {
      memberCount: row.member_count,
      expenseCount: row.expense_count,
      totalMinor: row.total_minor,
      unsettledMinor: row.unsettled_minor,
    },
  }
}

/** The groups that the user is in, newest first; the personal one is not in the list. */
export async function listGroups(d1: D1Database, viewer: Id<'user'>, filter: GroupFilter, page: PageRequest): Promise<Page<GroupLine>> {
  const where = ["m.user_id = ? AND m.status = 'active' AND g.is_personal = 0"]
  const params: (string | number)[] = [viewer]
  if (filter.isActive !== undefined) where.push(`g.archived_at IS ${filter.isActive ? '' : 'NOT '}NULL`)
  if (filter.type !== undefined) {
    where.push('g.type = ?')
    params.push(filter.type)
  }
  if (filter.search !== undefined) {
    // Not LIKE: D1 refuses patterns of more than 50 bytes.
    where.push('(instr(lower(g.name), lower(?)) > 0 OR instr(lower(g.description), lower(?)) > 0)')
    params.push(filter.search, filter.search)
  }
  const matching = `FROM members m JOIN groups g ON g.id = m.group_id WHERE ${where.join(' AND ')}`
  const [after] = page.after ?? []
  const isAfter = typeof after === 'string'
  const lines = d1
    .prepare(
      `SELECT g.*, m.role, b.paid - b.owed AS my_minor, (SELECT COUNT(*) ${matching}) AS total
       FROM members m JOIN groups g ON g.id = m.group_id LEFT JOIN balances b ON b.group_id = g.id AND b.member_id = m.id AND b.currency = g.currency
       WHERE ${where.join(' AND ')} ${isAfter ? 'AND g.id < ?' : ''} ORDER BY g.id DESC LIMIT ${COUNT_PARAM} OFFSET ${COUNT_PARAM}`,
    )
    .bind(...params, ...params, ...(isAfter ? [after] : []), page.size + 1, isAfter ? 0 : (page.page - 1) * page.size)
  const { results } = await lines.all<GroupLineRow>()
  const rows = results.slice(0, page.size)
  const last = rows.at(-1)
  return {
    items: rows.map((row) => ({ ...groupOfRow(row), role: row.role, myMinor: row.my_minor ?? 0 })),
    total: results[0]?.total ?? (await countGroups(d1, matching, params)),
    request: page,
    ...(results.length > page.size && last !== undefined && { next: [last.id] }),
  }
}

/** Only a page beyond the end has no row to carry the count. */
async function countGroups(d1: D1Database, matching: string, params: readonly (string | number)[]): Promise<number> {
  return (
    (await d1
      .prepare(`SELECT COUNT(*) AS total ${matching}`)
      .bind(...params)
      .first<number>('total')) ?? 0
  )
}

/** What the user owes and is owed in each group and currency. */
export async function listMyBalances(d1: D1Database, viewer: Id<'user'>): Promise<MyBalance[]> {
  const { results } = await d1
    .prepare(
      `SELECT g.id AS groupId, g.name AS groupName, g.is_personal AS isPersonal, b.currency AS currency, b.paid - b.owed AS minor
       FROM members m JOIN groups g ON g.id = m.group_id JOIN balances b ON b.group_id = m.group_id AND b.member_id = m.id
       WHERE m.user_id = ? AND m.status = 'active' ORDER BY g.id DESC, b.currency`,
    )
    .bind(viewer)
    .all<Omit<MyBalance, 'isPersonal'> & { isPersonal: number }>()
  return results.map((row) => ({ ...row, isPersonal: row.isPersonal === 1 }))
}

/** The group that an invite code opens. The code is the permission to know it. */
export async function findGroupByInviteCode(d1: D1Database, code: string): Promise<Id<'group'> | undefined> {
  const id = await d1.prepare('SELECT id FROM groups WHERE invite_code = ?').bind(code).first<Id<'group'>>('id')
  return id ?? undefined
}
