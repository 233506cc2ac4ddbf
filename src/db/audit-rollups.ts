// Holds the sums that analytics are told from against the expenses that they are of. The rows of those are held against the
// journal themselves, so that the sums follow from it. A month at a time, because a group may have more than memory.
import type { GroupAccess } from '../domain/access.ts'
import { monthOf, rowKey, type RollupRow } from '../domain/analytics/rollup.ts'
import type { Expense } from '../domain/expense.ts'
import { asWritten, membersIn, READ_ROLLUPS, type Stored } from './rollups.ts'

interface OddSum {
  /** The last entry that moved money of an expense in it, where there is one. */
  readonly seq: number | undefined
  readonly message: string
}

interface Sum {
  count: number
  minor: number
  readonly members: Map<string, number[]>
  seq: number
}

const PAGE = 500
/** So many are told of. */
const MOST_ODD = 100

/** The sums of one month that its expenses come to, by row. */
class Month {
  readonly #sums = new Map<string, Sum>()

  add({ rows, seq }: Written): void {
    for (const row of rows) {
      const key = rowKey(row)
      const sum = this.#sums.get(key) ?? { count: 0, minor: 0, members: new Map<string, number[]>(), seq: 0 }
      sum.count += row.count
      sum.minor += row.minor
      sum.seq = Math.max(sum.seq, seq)
      for (const [member, parts] of Object.entries(row.members)) {
        const before = sum.members.get(member) ?? [0, 0, 0]
        sum.members.set(
          member,
          before.map((part, i) => part + (parts[i] ?? 0)),
        )
      }
      this.#sums.set(key, sum)
    }
  }

  /** What differs in the rows that are kept. */
  against(rows: readonly Stored[]): OddSum[] {
    const kept = new Map(rows.map((row) => [keyOf(row), row]))
    const keys = new Set([...this.#sums.keys(), ...kept.keys()])
    return [...keys].flatMap((key) => {
      const [said, row] = [this.#sums.get(key), kept.get(key)]
      if (isSame(said, row)) return []
      // Only figures may go into the log, which keeps what is said here; a vendor is none.
      const [, period = '', series = ''] = row ?? key.split(' ')
      const shown = series.startsWith('v:') ? 'a vendor' : series || 'everything'
      const message = `rollups ${period} ${shown}: the expenses come to ${said?.count ?? 0}/${said?.minor ?? 0}, kept is ${row?.[5] ?? 0}/${row?.[6] ?? 0}`
      return [{ seq: said?.seq, message }]
    })
  }
}

const keyOf = ([groupId, period, series, kind, currency]: Stored): string =>
  rowKey({ groupId, period, series, kind, currency, count: 0, minor: 0, members: {} })

function isSame(said: Sum | undefined, kept: Stored | undefined): boolean {
  const [count = 0, minor = 0, members = '{}'] = (kept?.slice(5) ?? []) as [number?, number?, string?]
  if (count !== (said?.count ?? 0) || minor !== (said?.minor ?? 0)) return false
  const sorted = (all: readonly (readonly [string, unknown])[]): string => JSON.stringify(all.toSorted(([a], [b]) => (a < b ? -1 : 1)))
  try {
    const parts = Object.entries(membersIn(members))
    return sorted(parts) === sorted([...(said?.members ?? [])].filter(([, sums]) => sums.some((one) => one !== 0)))
  } catch {
    return false
  }
}

interface Written {
  readonly rows: readonly RollupRow[]
  readonly seq: number
}

/** What a row of expenses adds to the sums; nothing where it cannot be read, which the audit of that row tells of. */
function writtenIn(body: string, more: string): Written {
  try {
    const expense = { ...(JSON.parse(body) as Expense), ...(JSON.parse(more) as Partial<Expense>) }
    return { rows: asWritten(expense), seq: expense.postedSeq }
  } catch {
    return { rows: [], seq: 0 }
  }
}

interface Row {
  readonly id: string
  readonly date: string
  readonly body: string
  readonly more: string
}

/** What differs of the sums at the seq; nothing is said where the group has gone on meanwhile, and the next audit looks again. */
export async function findOddSums(d1: D1Database, { groupId }: GroupAccess, seq: number): Promise<OddSum[]> {
  const odd: OddSum[] = []
  const readMonth = (from: string, until: string): Promise<Stored[]> =>
    d1
      .prepare(`${READ_ROLLUPS} FROM rollups r WHERE r.group_id = ? AND r.period >= ? AND r.period < ?`)
      .bind(groupId, from, until)
      .raw<Stored>()
  let [after, month, begun]: [[string, string], Month, string] = [['', ''], new Month(), '']
  for (let isEnd = false; !isEnd;) {
    const { results } = await d1
      .prepare('SELECT id, date, body, more FROM expenses WHERE group_id = ? AND (date, id) > (?, ?) ORDER BY date, id LIMIT ?')
      .bind(groupId, ...after, PAGE)
      .all<Row>()
    for (const { id, date, body, more } of results) {
      const name = monthOf(date as Expense['date'])
      // Up to this month there may be rows of months that have no expense any more.
      if (name !== begun) odd.push(...month.against(await readMonth(begun, name)))
      if (name !== begun) [month, begun] = [new Month(), name]
      month.add(writtenIn(body, more))
      after = [date, id]
    }
    isEnd = results.length < PAGE || odd.length >= MOST_ODD
  }
  odd.push(...month.against(await readMonth(begun, '~')))
  if (odd.length === 0) return []
  const now = await d1.prepare('SELECT seq FROM groups WHERE id = ?').bind(groupId).first<number>('seq')
  return now === seq ? odd.slice(0, MOST_ODD) : []
}
