// Reading settlements. Membership stands inside each statement, so there is no reading without it.
import type { Person } from '../domain/expense-view.ts'
import type { Id } from '../domain/ids.ts'
import { pageOfRows, rowsBefore, type Page, type PageRequest } from '../domain/page.ts'
import type { Settlement } from '../domain/settlement.ts'
import type { SettlementFilter, SettlementView } from '../domain/settlement-view.ts'

interface Row {
  readonly id: string
  readonly body: string
  readonly group_name: string
  readonly people: string
}

/** As JSON, whom the settlement `s` names. */
const PEOPLE = `(SELECT json_group_array(json_object('id', m.id, 'userId', m.user_id, 'name', m.name, 'avatarKey', m.avatar_key)) FROM members m
WHERE m.id IN (s.payer_id, s.payee_id, s.body->>'$.createdBy')) AS people`

const SHOWN = `s.id, s.body, g.name AS group_name, ${PEOPLE}`

/** The settlements `s` that the viewer `v` may see: those of all groups that they are in. */
const SEEN = `FROM members v JOIN groups g ON g.id = v.group_id JOIN settlements s ON s.group_id = g.id WHERE v.user_id = ? AND v.status = 'active'`

type NullablePerson = { readonly [K in keyof Person]: Person[K] | null }

function viewOf({ body, group_name: name, people }: Row): SettlementView {
  const settlement = JSON.parse(body) as Settlement
  const named = (JSON.parse(people) as NullablePerson[]).map(
    // SQL has null where the domain has nothing.
    (person) => Object.fromEntries(Object.entries(person).filter(([, value]) => value !== null)) as unknown as Person,
  )
  return { settlement, group: { id: settlement.groupId, name }, people: new Map(named.map((person) => [person.id, person])) }
}

function conditionsOf(filter: SettlementFilter): { text: string; params: string[] } {
  const conditions: (readonly [text: string, value: string | undefined])[] = [
    ['v.group_id = ?', filter.groupId],
    ['s.status = ?', filter.status],
    ['s.plan_id = ?', filter.planId],
    ['s.payer_id = v.id AND ? IS NOT NULL', filter.role === 'payer' ? 'payer' : undefined],
    ['s.payee_id = v.id AND ? IS NOT NULL', filter.role === 'payee' ? 'payee' : undefined],
  ]
  const given = conditions.flatMap(([text, value]) => (value === undefined ? [] : [{ text, value }]))
  return { text: given.map(({ text }) => ` AND ${text}`).join(''), params: given.map(({ value }) => value) }
}

/** The settlements in the viewer's groups that match, the newest first. */
export async function listSettlements(
  d1: D1Database,
  viewer: Id<'user'>,
  filter: SettlementFilter,
  page: PageRequest,
): Promise<Page<SettlementView>> {
  const { text, params } = conditionsOf(filter)
  const [before] = page.after ?? []
  const behind = before === undefined ? { text: '', params: [] } : { text: ' AND s.id < ?', params: [before] }
  const [rows, count] = await d1.batch<Row & { total: number }>([
    d1
      .prepare(`SELECT ${SHOWN} ${SEEN}${text}${behind.text} ORDER BY s.id DESC LIMIT ? OFFSET ?`)
      .bind(viewer, ...params, ...behind.params, page.size + 1, rowsBefore(page)),
    d1.prepare(`SELECT COUNT(*) AS total ${SEEN}${text}`).bind(viewer, ...params),
  ])
  const found = pageOfRows(rows?.results ?? [], count?.results[0]?.total ?? 0, page, (row) => row.id)
  return { ...found, items: found.items.map(viewOf) }
}

/** The settlement, if the viewer is in its group. */
export async function findSettlement(d1: D1Database, viewer: Id<'user'>, id: Id<'settlement'>): Promise<SettlementView | undefined> {
  const row = await d1.prepare(`SELECT ${SHOWN} ${SEEN} AND s.id = ?`).bind(viewer, id).first<Row>()
  return row === null ? undefined : viewOf(row)
}

/** The group a settlement is in; it never changes. Tells nothing about who may see either. */
export async function findGroupOfSettlement(d1: D1Database, id: Id<'settlement'>): Promise<Id<'group'> | undefined> {
  return (await d1.prepare('SELECT group_id FROM settlements WHERE id = ?').bind(id).first<Id<'group'>>('group_id')) ?? undefined
}
