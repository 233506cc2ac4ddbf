// What is left after the crashes, held against what people were answered: read from the database file itself, when
// nothing runs any more.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Wish } from './clients.ts'
import type { Received } from './receiver.ts'

interface Entry {
  readonly groupId: string
  readonly seq: number
  readonly type: string
  readonly actor: string | undefined
  readonly expenseId: string | undefined
  readonly words: ReadonlySet<unknown>
}

export interface Finding {
  readonly what: string
  readonly found: readonly string[]
}

export interface Figures {
  readonly entries: number
  readonly deliveries: number
  readonly attempts: number
  readonly notifications: number
}

const ENTRY_OF: Readonly<Record<Wish['kind'], string>> = {
  create: 'expense_recorded',
  update: 'expense_updated',
  delete: 'expense_deleted',
  comment: 'expense_commented',
}

const EVENT_OF: Readonly<Record<string, string>> = {
  expense_recorded: 'expense.created',
  expense_updated: 'expense.updated',
  expense_deleted: 'expense.deleted',
}

export class Aftermath {
  readonly #db: DatabaseSync
  readonly #entries: readonly Entry[]

  constructor(state: string) {
    const folder = join(state, 'v3', 'd1', 'miniflare-D1DatabaseObject')
    const file = readdirSync(folder).find((name) => name.endsWith('.sqlite') && name !== 'metadata.sqlite')
    this.#db = new DatabaseSync(join(folder, file ?? ''), { readOnly: true })
    const rows = this.#rows('SELECT group_id, seq, type, body, texts FROM journal ORDER BY group_id, seq')
    this.#entries = rows.map((row) => {
      const { actor, expense } = JSON.parse(String(row['body'])) as { actor?: string; expense?: { id: string } }
      const words = new Set(JSON.parse(String(row['texts'])) as unknown[])
      return { groupId: String(row['group_id']), seq: Number(row['seq']), type: String(row['type']), actor, expenseId: expense?.id, words }
    })
  }

  figures(): Figures {
    const count = (text: string): number => Number(this.#rows(`SELECT COUNT(*) AS n FROM ${text}`)[0]?.['n'])
    return {
      entries: this.#entries.length,
      deliveries: count('deliveries'),
      attempts: count('delivery_attempts'),
      notifications: count('notifications'),
    }
  }

  /** Everything that is not as it should be. */
  findings(wishes: readonly Wish[], received: readonly Received[], people: ReadonlyMap<string, readonly string[]>): Finding[] {
    return [
      { what: 'acknowledged writes lost, and refused ones written', found: wishes.flatMap((wish) => this.#lost(wish)) },
      { what: 'writes doubled', found: wishes.filter((wish) => this.#times(wish) > 1).map((wish) => wish.title ?? wish.key) },
      { what: 'gaps in a journal', found: this.#gaps() },
      { what: 'balances that drifted from their postings', found: this.#drift() },
      { what: 'effects neither done nor due later', found: this.#undone() },
      { what: 'webhooks lost, doubled in effect or out of order', found: this.#webhooks(received) },
      { what: 'notifications lost or doubled', found: this.#notifications(people) },
    ]
  }

  #rows(text: string): Record<string, unknown>[] {
    return this.#db.prepare(text).all()
  }

  #times({ kind, groupId, title, expenseId }: Wish): number {
    const type = ENTRY_OF[kind]
    return this.#entries.filter(
      (entry) =>
        entry.type === type && entry.groupId === groupId && (kind === 'delete' ? entry.expenseId === expenseId : entry.words.has(title)),
    ).length
  }

  #lost(wish: Wish): string[] {
    if (wish.status === undefined) return []
    const expected = wish.status < 300 ? 1 : 0
    const times = this.#times(wish)
    return times === 0 && expected === 1
      ? [`${wish.title} was acknowledged with ${wish.status}`]
      : times > 0 && expected === 0
        ? [`${wish.title} was refused with ${wish.status}`]
        : []
  }

  #gaps(): string[] {
    return this.#rows(
      `SELECT g.id FROM groups g LEFT JOIN journal j ON j.group_id = g.id GROUP BY g.id
       HAVING COUNT(j.seq) <> g.seq OR MAX(j.seq) <> g.seq OR COUNT(DISTINCT j.command_id) <> g.seq`,
    ).map((row) => String(row['id']))
  }

  #drift(): string[] {
    return this.#rows(
      `SELECT b.group_id || ' ' || b.member_id AS id FROM balances b LEFT JOIN postings p USING (group_id, member_id, currency)
       GROUP BY b.group_id, b.member_id, b.currency HAVING SUM(p.paid) <> b.paid OR SUM(p.owed) <> b.owed
       UNION ALL SELECT group_id || ' is off by ' || SUM(paid - owed) FROM balances GROUP BY group_id, currency HAVING SUM(paid - owed) <> 0`,
    ).map((row) => String(row['id']))
  }

  #undone(): string[] {
    const now = Date.now()
    return this.#rows(
      `SELECT kind || ' ' || id || ' ' || COALESCE(error, '') AS id FROM outbox WHERE done_at IS NULL AND (dead_at IS NOT NULL OR due_at <= ${now})
       UNION ALL SELECT 'untold ' || id FROM groups WHERE seq > told_seq
       UNION ALL SELECT 'delivery ' || id || ' is ' || state FROM deliveries WHERE state <> 'delivered'`,
    ).map((row) => String(row['id']))
  }

  #webhooks(received: readonly Received[]): string[] {
    const lanes = this.#rows('SELECT DISTINCT endpoint_id, group_id FROM deliveries')
    const seen = new Map<string, Received>()
    for (const one of received) if (!seen.has(one.id)) seen.set(one.id, one)
    const arrivals = [...seen.values()]
    return lanes.flatMap(({ endpoint_id: endpoint, group_id: group }) => {
      const begun = Math.min(
        ...this.#rows(`SELECT seq FROM deliveries WHERE endpoint_id = '${String(endpoint)}' AND group_id = '${String(group)}'`).map((row) =>
          Number(row['seq']),
        ),
      )
      const expected = this.#entries
        .filter((e) => e.groupId === group && e.seq >= begun && EVENT_OF[e.type] !== undefined)
        .map((e) => `${e.seq} ${EVENT_OF[e.type]}`)
      const came = arrivals
        .filter((one) => one.groupId === group && one.path.endsWith(one.groupId) && one.event.startsWith('expense.'))
        .map((one) => `${one.seq} ${one.event}`)
      return expected.join() === came.join()
        ? []
        : [
            `${String(group)}: expected ${expected.length} events, ${came.length} came, the first that differs is ${expected.find((e, i) => came[i] !== e)}`,
          ]
    })
  }

  /** Everybody in the group but whoever did it is told once of each expense that was recorded. */
  #notifications(people: ReadonlyMap<string, readonly string[]>): string[] {
    const told = this.#rows(
      "SELECT group_id || ' ' || seq || ' ' || user_id AS id, COUNT(*) AS n FROM notifications WHERE type = 'expense_added' GROUP BY group_id, seq, user_id",
    )
    const times = new Map(told.map((row) => [String(row['id']), Number(row['n'])]))
    const expected = this.#entries
      .filter((entry) => entry.type === 'expense_recorded')
      .flatMap((entry) =>
        (people.get(entry.groupId) ?? []).filter((user) => user !== entry.actor).map((user) => `${entry.groupId} ${entry.seq} ${user}`),
      )
    const lost = expected.filter((id) => !times.has(id)).map((id) => `${id} was not told`)
    const known = new Set(expected)
    return [...lost, ...[...times].filter(([id, n]) => n > 1 || !known.has(id)).map(([id, n]) => `${id} was told ${n} times`)]
  }
}
