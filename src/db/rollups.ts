// The sums that analytics are told from. They are written in the batch of the entry that changes them, as what it adds,
// so their cost does not grow with what there is; the audit works them out again from the journal.
import { contributionsOf, isVendorSeries, merged, negated, vendorSeries, type RollupRow } from '../domain/analytics/rollup.ts'
import type { Currency } from '../domain/currency.ts'
import type { Expense, MemberId } from '../domain/expense.ts'
import type { Id } from '../domain/ids.ts'
import type { Query } from './project.ts'

/** Vendors are kept as they are written, so that SQL makes the same rows; they are put together when they are read. */
export const asWritten = (expense: Expense): RollupRow[] =>
  contributionsOf(expense).map(({ label, ...row }) => (label === undefined ? row : { ...row, series: `v:${label}` }))

/** What an entry adds that makes the one expense of the other; either may be missing. */
export const rollupDeltas = (before: Expense | undefined, after: Expense | undefined): RollupRow[] =>
  merged([...(before === undefined ? [] : negated(asWritten(before))), ...(after === undefined ? [] : asWritten(after))])

// What members bear is kept as one line of JSON for each time that something was added, up to so many characters, and then
// added up into one: merging inside JSON is most of what a sum costs, and a line behind the others costs next to nothing.
const LONGEST = 2000

const ADDED_UP = `(SELECT json_group_object(key, json_array(o, p, c)) FROM (
  SELECT m.key AS key, SUM(m.value->>0) AS o, SUM(m.value->>1) AS p, SUM(m.value->>2) AS c
  FROM json_each('[' || replace(rollups.members, char(10), ',') || ',' || excluded.members || ']') l, json_each(l.value) m
  GROUP BY m.key HAVING o <> 0 OR p <> 0 OR c <> 0))`

const ADD = `INSERT INTO rollups (group_id, period, series, kind, currency, count, minor, members)
SELECT ?, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6 FROM json_each(?) WHERE true
ON CONFLICT (group_id, period, series, kind, currency) DO UPDATE
SET count = count + excluded.count, minor = minor + excluded.minor,
  members = iif(length(rollups.members) + length(excluded.members) < ${LONGEST}, rollups.members || char(10) || excluded.members, ${ADDED_UP})`

/** The sums of each member, from the lines that they are kept as; those that come to nothing are left out. Throws on what is no such text. */
export function membersIn(text: string): RollupRow['members'] {
  const sums = new Map<string, [number, number, number]>()
  for (const line of text.split('\n')) {
    for (const [member, [owed, paid, parts]] of Object.entries(JSON.parse(line) as RollupRow['members'])) {
      const before = sums.get(member) ?? [0, 0, 0]
      sums.set(member, [before[0] + owed, before[1] + paid, before[2] + parts])
    }
  }
  return Object.fromEntries([...sums].filter(([, all]) => all.some((one) => one !== 0)))
}

/** The one statement that adds the rows, which are all of the group. */
export const addRollups = (groupId: Id<'group'>, rows: readonly RollupRow[]): Query => ({
  text: ADD,
  params: [
    groupId,
    JSON.stringify(
      rows.map(({ period, series, kind, currency, count, minor, members }) => [
        period,
        series,
        kind,
        currency,
        count,
        minor,
        JSON.stringify(members),
      ]),
    ),
  ],
})

export type Stored = readonly [
  groupId: Id<'group'>,
  period: RollupRow['period'],
  series: string,
  kind: RollupRow['kind'],
  currency: Currency,
  count: number,
  minor: number,
  members: string,
]

function rowOf([groupId, period, series, kind, currency, count, minor, members]: Stored): RollupRow {
  const row = { groupId, period, series, kind, currency, count, minor, members: membersIn(members) }
  if (!isVendorSeries(series)) return row
  const label = series.slice('v:'.length)
  return { ...row, series: vendorSeries(label) ?? series, label }
}

/** What of the sums is asked for: whole months, or single days, of one or more series; all but vendors where none is named. */
export interface RollupQuery {
  readonly periods: readonly RollupRow['period'][]
  readonly series?: readonly string[]
  readonly isOfVendors?: boolean
}

export const READ_ROLLUPS = 'SELECT r.group_id, r.period, r.series, r.kind, r.currency, r.count, r.minor, r.members'

/** The members that a person is, with the group of each and the currency that it is kept in. */
export interface Place {
  readonly groupId: Id<'group'>
  readonly member: MemberId
  readonly currency: Currency
}

type Groups = readonly Id<'group'>[] | undefined

/** One is asked for by itself, so that its index is what is looked in. */
const inGroups = (groups: Groups): { readonly sql: string; readonly params: readonly string[] } => {
  if (groups === undefined) return { sql: '', params: [] }
  const [first = '', ...others] = groups
  if (others.length === 0) return { sql: ' AND v.group_id = ?', params: [first] }
  return { sql: ' AND v.group_id IN (SELECT value FROM json_each(?))', params: [JSON.stringify(groups)] }
}

/** The places that the viewer has now, in some groups or in all of them. */
export async function listPlaces(d1: D1Database, viewer: Id<'user'>, groups?: Groups): Promise<Place[]> {
  const { sql, params } = inGroups(groups)
  const { results } = await d1
    .prepare(
      `SELECT v.group_id AS groupId, v.id AS member, g.currency FROM members v JOIN groups g ON g.id = v.group_id
WHERE v.user_id = ? AND v.status = 'active'${sql}`,
    )
    .bind(viewer, ...params)
    .all<Place>()
  return results
}

/** The sums of the groups that the viewer is in, or of some of them, one row for each that is asked for. */
export async function readRollups(
  d1: D1Database,
  viewer: Id<'user'>,
  groups: Groups,
  { periods, series, isOfVendors = false }: RollupQuery,
): Promise<RollupRow[]> {
  const seen = `FROM members v CROSS JOIN json_each(?) p CROSS JOIN rollups r ON r.group_id = v.group_id AND r.period = p.value`
  const ofSeries =
    series === undefined
      ? isOfVendors
        ? "AND r.series >= 'v:' AND r.series < 'v;'"
        : "AND r.series < 'v:'"
      : 'AND r.series IN (SELECT value FROM json_each(?))'
  const { sql, params } = inGroups(groups)
  const rows = await d1
    .prepare(`${READ_ROLLUPS} ${seen} ${ofSeries} WHERE v.user_id = ? AND v.status = 'active'${sql} AND r.count <> 0`)
    .bind(JSON.stringify(periods), ...(series === undefined ? [] : [JSON.stringify(series)]), viewer, ...params)
    .raw<Stored>()
  return merged(rows.map(rowOf))
}

/** Skips from each month that the group has sums of to the next one, which its days stand between. */
const MONTHS = `WITH RECURSIVE m(month) AS (
  SELECT MIN(period) FROM rollups WHERE group_id = ?1
  UNION ALL SELECT (SELECT MIN(period) FROM rollups WHERE group_id = ?1 AND period > m.month || '-~') FROM m WHERE m.month IS NOT NULL)
SELECT month FROM m WHERE month < ?2`

/** The months before that one of which the group has sums. */
export async function listMonths(d1: D1Database, groupId: Id<'group'>, before: string): Promise<RollupRow['period'][]> {
  const { results } = await d1.prepare(MONTHS).bind(groupId, before).all<{ month: RollupRow['period'] }>()
  return results.map(({ month }) => month)
}
