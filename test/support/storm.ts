// A storm over one group: several sequencers write at once on a D1 that fails, clients repeat what was not answered,
// objects vanish and wake up with an old copy. Afterwards `findLosses` says what is not as it should be.
import type { Actor } from '../../src/domain/actor.ts'
import type { Ctx } from '../../src/context.ts'
import { START } from '../../src/db/chain.ts'
import { connect } from '../../src/db/client.ts'
import { readJournal } from '../../src/db/journal.ts'
import { newEffect } from '../../src/db/outbox.ts'
import { apply } from '../../src/domain/apply.ts'
import type { Expense } from '../../src/domain/expense.ts'
import { EMPTY, type Entry, type State } from '../../src/domain/group.ts'
import type { Command, NewMember } from '../../src/domain/commands.ts'
import { newId, type Id } from '../../src/domain/ids.ts'
import type { Receipt } from '../../src/domain/receipt/receipt.ts'
import type { Settlement } from '../../src/domain/settlement.ts'
import type { Head } from '../../src/db/chain.ts'
import { Sequencer, type ExecuteResult, type Execution } from '../../src/group/sequencer.ts'
import type { Store } from '../../src/group/store.ts'
import { auditGroup } from '../../src/services/audit.ts'
import { env } from './env.ts'
import { FaultyD1, random, sleep, type Fate, type Faults } from './faults.ts'
import { opening } from './ledger.ts'
import { Outside } from './outside.ts'

/** Like the object's own storage, but that it can be copied: a snapshot now and then, and every expense. */
export class MemoryStore implements Store {
  #snapshot: { state: State; head: Head } | undefined
  readonly #expenses = new Map<Id<'expense'>, Expense>()
  readonly #settlements = new Map<Id<'settlement'>, Settlement>()
  readonly #receipts = new Map<Id<'receipt'>, Receipt>()

  load = () => this.#snapshot
  expense = (id: Id<'expense'>) => this.#expenses.get(id)
  settlement = (id: Id<'settlement'>) => this.#settlements.get(id)
  receipt = (id: Id<'receipt'>) => this.#receipts.get(id)

  save(state: State, head: Head, entries: readonly Entry[]): void {
    if (head.seq - (this.#snapshot?.head.seq ?? 0) >= 4) this.#snapshot = { state, head }
    for (const { expense, settlements = [], receipts = [] } of entries) {
      if (expense !== undefined) this.#expenses.set(expense.id, expense)
      for (const settlement of settlements) this.#settlements.set(settlement.id, settlement)
      for (const receipt of receipts) this.#receipts.set(receipt.id, receipt)
    }
  }

  clear(): void {
    this.#snapshot = undefined
    this.#expenses.clear()
    this.#settlements.clear()
    this.#receipts.clear()
  }

  copy(): MemoryStore {
    const other = new MemoryStore()
    other.#snapshot = this.#snapshot
    for (const [id, expense] of this.#expenses) other.#expenses.set(id, expense)
    for (const [id, settlement] of this.#settlements) other.#settlements.set(id, settlement)
    for (const [id, receipt] of this.#receipts) other.#receipts.set(id, receipt)
    return other
  }
}

const NAMES = ['Ann', 'Bob', 'Cid', 'Dan'] as const

/** A group that nobody else knows, and its members. */
export interface Place {
  readonly groupId: Id<'group'>
  readonly users: readonly Id<'user'>[]
  readonly create: Command
}

export function place(): Place {
  const groupId = newId('group')
  const members: NewMember[] = NAMES.map((name) => ({ id: newId('member'), userId: newId('user'), name, role: 'owner' }))
  const info = { ...opening('Ann').info, id: groupId, inviteCode: groupId }
  return { groupId, users: members.flatMap((m) => m.userId ?? []), create: { type: 'create_group', info, members, invitations: [] } }
}

export const sequencerOf = (groupId: Id<'group'>, d1: D1Database, store: Store = new MemoryStore(), publish = (): void => {}): Sequencer =>
  new Sequencer({ groupId, db: connect(d1), store, now: () => Date.now(), publish })

/** An execution as `runCommand` makes it. Each try has a command id of its own; the key says that it is the same. */
export function execution(actor: Id<'user'> | undefined, command: Command, key?: string): Execution {
  const order = { commandId: newId('command'), command, ...(actor && { actor }) }
  return key === undefined || actor === undefined ? { order } : { order, repeatable: { actor, key, fingerprint: key } }
}

/** What a client wants done once, however often it has to ask. */
interface Wish {
  readonly actor: Id<'user'>
  /** Its ids are made anew for each try, as services do. */
  readonly command: () => Command
  readonly key: string | undefined
  readonly hasEffect: boolean
  readonly tries: Set<string>
  acknowledged: ExecuteResult | undefined
}

const FATES: readonly (readonly [Fate, number])[] = [
  ['lost_before', 0.1],
  ['lost_after', 0.12],
  ['late', 0.06],
  ['overloaded', 0.06],
]

export class Storm {
  readonly place = place()
  readonly wishes: Wish[] = []
  readonly #dice: () => number
  readonly #d1: FaultyD1
  readonly #stores: MemoryStore[] = []
  readonly #writers: Sequencer[] = []
  /** Copies of stores from earlier in the storm. */
  readonly #old: MemoryStore[] = []
  readonly #underWay: Promise<unknown>[] = []
  readonly #expenses: Id<'expense'>[] = []
  #isOver = false
  /** Whoever is told what happens. */
  readonly outside: Outside | undefined

  /** `outward`: also what goes out is in the storm, with its batches rewritten by that. */
  constructor(seed: number, rewrite?: Faults['rewrite'], outward?: { readonly rewrite?: Faults['rewrite'] }) {
    this.#dice = random(seed)
    this.#d1 = new FaultyD1(env.DB, {
      batch: () => this.#fate(),
      read: () => !this.#isOver && this.#dice() < 0.03,
      ...(rewrite && { rewrite }),
    })
    const dice = { dice: this.#dice, fate: () => this.#fate(), isOver: () => this.#isOver }
    this.outside = outward && new Outside(this.place, { ...dice, ...(outward.rewrite && { rewrite: outward.rewrite }) })
    for (let i = 0; i < 4; i++) this.#wake(i, new MemoryStore())
  }

  /** Lets it rage for so many rounds, and then waits until everybody who may ask again has an answer. */
  async rage(rounds: number): Promise<void> {
    await this.outside?.settle()
    await this.#send({
      actor: this.#user,
      command: () => this.place.create,
      key: 'create',
      hasEffect: false,
      tries: new Set(),
      acknowledged: undefined,
    })
    for (let round = 0; round < rounds; round++) {
      const burst = 1 + this.#below(this.#dice() < 0.2 ? 10 : 3)
      for (let i = 0; i < burst; i++) this.#underWay.push(this.#act())
      if (this.#dice() < 0.25) this.#evict()
      if (this.outside !== undefined && this.#dice() < 0.5) this.#underWay.push(this.outside.consume())
      if (this.#dice() < 0.7) await sleep(this.#below(3))
    }
    await Promise.all(this.#underWay)
    await this.#d1.settle()
    this.#isOver = true
    for (const wish of this.wishes) if (wish.key !== undefined && wish.acknowledged === undefined) await this.#send(wish)
    await this.outside?.drain()
  }

  get groupId(): Id<'group'> {
    return this.place.groupId
  }

  /** What each sequencer that is still there believes. */
  beliefs(): Promise<State[]> {
    return Promise.all(this.#writers.map((writer) => writer.refresh()))
  }

  #below = (limit: number): number => Math.floor(this.#dice() * limit)
  #pick = <T>(list: readonly T[]): T | undefined => list[this.#below(list.length)]

  get #user(): Id<'user'> {
    return this.#pick(this.place.users) ?? 'usr_nobody'
  }

  #fate(): Fate {
    if (this.#isOver) return 'through'
    let rest = this.#dice()
    for (const [fate, share] of FATES) {
      rest -= share
      if (rest < 0) return fate
    }
    return 'through'
  }

  /** A new wish, or an old one once more: by the same client, or by a second request beside the first. */
  async #act(): Promise<void> {
    const repeated = this.#dice() < 0.15 ? this.#pick(this.wishes) : undefined
    const fresh = {
      actor: this.#user,
      command: this.#command(),
      key: this.#dice() < 0.8 ? crypto.randomUUID() : undefined,
      hasEffect: this.#dice() < 0.3,
      tries: new Set<string>(),
      acknowledged: undefined,
    }
    const wish = repeated?.key === undefined ? fresh : repeated
    const isTwice = wish.key !== undefined && this.#dice() < 0.2
    await Promise.all([this.#send(wish), ...(isTwice ? [this.#send(wish)] : [])])
  }

  #command(): () => Command {
    const dice = this.#dice()
    const id = this.#pick(this.#expenses)
    const amount = (1 + this.#below(10_000) / 100).toFixed(2)
    if (id === undefined || dice < 0.45)
      return () => ({ type: 'record_expense', id: newId('expense'), draft: { title: 'Storm', amount, date: '2026-01-01' } })
    if (dice < 0.6) return () => ({ type: 'delete_expense', id })
    if (dice < 0.7) return () => ({ type: 'restore_expense', id })
    const payer = this.#user
    if (dice < 0.9) return () => ({ type: 'update_expense', id, fields: { amount, payer } })
    if (dice < 0.95) return () => ({ type: 'comment_expense', id, comment: newId('comment'), text: 'Wet' })
    return () => ({ type: 'add_member', member: { id: newId('member'), name: 'Guest', role: 'member' } })
  }

  /** Asks until there is an answer, with a key a few times, without one once. */
  async #send(wish: Wish): Promise<void> {
    if (!this.wishes.includes(wish)) this.wishes.push(wish)
    for (let tries = wish.key === undefined ? 1 : 4; tries > 0; tries--) {
      const command = wish.command()
      if (command.type === 'record_expense') this.#expenses.push(command.id)
      const asked = execution(wish.actor, command, wish.key)
      wish.tries.add(asked.order.commandId)
      const effects = wish.hasEffect ? [newEffect({ kind: 'profile_changed', userId: wish.actor }, Date.now())] : []
      const result = await this.#pick(this.#writers)?.execute({ ...asked, effects })
      if (result === undefined || (!result.ok && result.error.code === 'service.busy')) continue
      wish.acknowledged ??= result
      return
    }
  }

  /** The object is replaced. The old one runs on beside it until it notices; its storage is another's by now. */
  #evict(): void {
    const i = this.#below(this.#writers.length)
    const store = this.#stores[i] ?? new MemoryStore()
    this.#old.push(store.copy())
    const dice = this.#dice()
    this.#wake(i, dice < 0.4 ? store.copy() : dice < 0.6 ? new MemoryStore() : (this.#pick(this.#old)?.copy() ?? new MemoryStore()))
  }

  #wake(i: number, store: MemoryStore): void {
    this.#stores[i] = store
    this.#writers[i] = sequencerOf(this.groupId, this.#d1.asD1, store, this.outside?.hint)
  }
}

/** The audit as a member of the group would have it. */
export function audit({ groupId, users: [userId = 'usr_nobody'] }: Pick<Place, 'groupId' | 'users'>, d1: D1Database = env.DB) {
  const actor: Actor = { type: 'session', userId, tier: 'standard', timezone: 'UTC', personalGroupId: groupId, sessionId: 'ses_storm' }
  const ctx: Ctx = {
    env,
    db: connect(d1),
    now: Date.now(),
    requestId: 'req_storm',
    actor,
    client: { ip: '', userAgent: '' },
    origin: '',
    isDryRun: false,
    notes: { isReplayed: false, hasEffects: false },
    waitUntil: () => {},
  }
  return auditGroup(ctx, groupId)
}

export async function journalOf(groupId: Id<'group'>): Promise<{ entries: Entry[]; state: State }> {
  const { entries } = await readJournal(env.DB, groupId, START, 10_000)
  return { entries, state: entries.reduce(apply, EMPTY) }
}

const rows = async <T>(text: string, groupId: string): Promise<T[]> => (await env.DB.prepare(text).bind(groupId).all<T>()).results

/** Everything that is not as it should be after the storm; nothing when no wish was lost, doubled or made up. */
export async function findLosses(storm: Storm): Promise<string[]> {
  const { groupId } = storm
  const { violations } = await audit(storm.place)
  const { entries, state } = await journalOf(groupId)
  const seqOf = new Map<string, number>(entries.map((entry) => [entry.commandId, entry.seq]))
  const balances = await rows<{ m: `mem_${string}`; c: string; paid: number; owed: number }>(
    'SELECT member_id AS m, currency AS c, paid, owed FROM balances WHERE group_id = ?',
    groupId,
  )
  const replies = await rows<{ key: string }>("SELECT key FROM idempotency WHERE outcome->>'$.info.id' = ?", groupId)
  const effects = await rows<{ seq: number }>('SELECT seq FROM outbox WHERE group_id = ?', groupId)
  const written = storm.wishes.filter((wish) => [...wish.tries].some((id) => seqOf.has(id)))
  const promised = written.filter((wish) => wish.hasEffect).flatMap((wish) => [...wish.tries].flatMap((id) => seqOf.get(id) ?? []))
  const numbers = (list: readonly number[]) => list.toSorted((a, b) => a - b).join(' ')
  const known = new Set(storm.wishes.flatMap((wish) => [...wish.tries]))
  return [
    ...violations.map((v) => `audit: ${v.invariant} ${v.seq ?? ''} ${v.message}`),
    ...storm.wishes.flatMap((wish) => lossesOf(wish, seqOf)),
    ...entries
      .filter((entry) => !known.has(entry.commandId) && !(storm.outside !== undefined && isRenaming(entry)))
      .map((entry) => `entry ${entry.seq} was wished by nobody`),
    ...[...state.balances]
      .filter(([key, b]) => !balances.some((row) => `${row.m}|${row.c}` === key && row.paid === b.paid && row.owed === b.owed))
      .map(([key]) => `the balance ${key} is not that of the journal`),
    ...(numbers(effects.map((e) => e.seq)) === numbers(promised) ? [] : ['the promises are not those of the entries']),
    ...(replies
      .map((r) => r.key)
      .toSorted()
      .join() ===
    written
      .flatMap((wish) => wish.key ?? [])
      .toSorted()
      .join()
      ? []
      : ['the replies are not those of the entries']),
  ]
}

/** What a promise of a changed profile writes when it is kept. */
const isRenaming = ({ type, actor }: Entry): boolean => type === 'member_updated' && actor === undefined

function lossesOf({ command, tries, acknowledged }: Wish, seqOf: ReadonlyMap<string, number>): string[] {
  const { type } = command()
  const times = [...tries].filter((id) => seqOf.has(id)).length
  if (times > 1) return [`${type} was written ${times} times`]
  if (acknowledged?.ok !== true) return []
  if (times === 0) return [`${type} was acknowledged and is lost`]
  const { seq, commandId } = acknowledged.value.outcome.entry
  return tries.has(commandId) && seqOf.get(commandId) === seq ? [] : [`${type} was acknowledged as entry ${seq}, which it is not`]
}
