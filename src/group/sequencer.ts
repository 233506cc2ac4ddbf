// One writer at a time for a group: commands that wait are decided in order and written in one batch. The fence
// in D1 keeps it right when another instance runs beside this one; the queue here only keeps it quick.
import { START, type Head } from '../db/chain.ts'
import { commitFault, readJournal, writeCommit } from '../db/journal.ts'
import { findReply, type Repeatable } from '../db/idempotency.ts'
import type { PromisedEffect } from '../db/outbox.ts'
import type { Db } from '../db/client.ts'
import { rollupDeltas } from '../db/rollups.ts'
import { merged, type RollupRow } from '../domain/analytics/rollup.ts'
import { apply } from '../domain/apply.ts'
import { decide } from '../domain/decide.ts'
import { errorText } from '../domain/error-text.ts'
import { failure, type Failure } from '../domain/errors.ts'
import type { Expense } from '../domain/expense.ts'
import { EMPTY, type Entry, type State } from '../domain/group.ts'
import type { Book, Order } from '../domain/commands.ts'
import type { Id } from '../domain/ids.ts'
import { outcomeOf, type Outcome } from '../domain/outcome.ts'
import type { Receipt } from '../domain/receipt/receipt.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Settlement } from '../domain/settlement.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Store } from './store.ts'

export interface Execution {
  readonly order: Order
  /** Present when the caller may repeat it: a reply under the same key is given again instead. */
  readonly repeatable?: Repeatable
  /** What is promised to the outside if the command is accepted. */
  readonly effects?: readonly PromisedEffect[]
  /** Answer what would come of it, and store nothing. */
  readonly isDryRun?: boolean
}

interface Executed {
  readonly outcome: Outcome
  readonly isReplayed: boolean
}

export type ExecuteResult = Result<Executed, Failure>

interface Waiting {
  readonly execution: Execution
  readonly resolve: (result: ExecuteResult) => void
  attempts: number
}

/** A command that was accepted, and what it came to if the batch goes through. */
interface Accepted {
  readonly waiting: Waiting
  readonly entry: Entry
  readonly outcome: Outcome
  /** What it adds to the sums that analytics are told from. */
  readonly rollups: readonly RollupRow[]
}

const MAX_TOGETHER = 32
const MAX_ATTEMPTS = 4
const JOURNAL_PAGE = 500

const busy: Failure = { ...failure('service.busy'), retryAfterS: 1 }

export interface SequencerParts {
  readonly groupId: Id<'group'>
  readonly db: Db
  readonly store: Store
  readonly now: () => Timestamp
  /** Called with every entry that this instance learns of, once and in order. */
  readonly publish: (entries: readonly Entry[], state: State) => void
}

export class Sequencer {
  readonly #parts: SequencerParts
  readonly #waiting: Waiting[] = []
  #state: State = EMPTY
  #head: Head = START
  #published = 0
  #isFresh = false
  #turn: Promise<void> | undefined
  /** What the journal was found to hold since the batch under way was sent, by command. */
  readonly #found = new Map<string, Outcome>()

  constructor(parts: SequencerParts) {
    this.#parts = parts
    const kept = parts.store.load()
    if (kept !== undefined) {
      this.#state = kept.state
      this.#head = kept.head
      this.#published = kept.head.seq
    }
  }

  /** Takes its turn behind the commands that came before, and answers when it is written or refused. */
  execute(execution: Execution): Promise<ExecuteResult> {
    return new Promise((resolve) => {
      this.#waiting.push({ execution, resolve, attempts: 0 })
      this.#turn ??= this.#takeTurns()
    })
  }

  /** The state, brought up to what D1 knows when this instance has just woken. */
  async state(): Promise<State> {
    if (!this.#isFresh) await this.#catchUp()
    return this.#state
  }

  /** The settlement as it is in the state that `state` answered last. */
  settlement(id: Id<'settlement'>): Settlement | undefined {
    return this.#parts.store.settlement(id)
  }

  expense(id: Id<'expense'>): Expense | undefined {
    return this.#parts.store.expense(id)
  }

  /** The state as far as this instance knows it, without asking anyone. */
  get known(): State {
    return this.#state
  }

  /** Reads what was written elsewhere since; throws what D1 says when it can't be asked. */
  async refresh(): Promise<State> {
    await this.#catchUp()
    return this.#state
  }

  async #takeTurns(): Promise<void> {
    while (this.#waiting.length > 0) {
      const turn = this.#takeTogether()
      try {
        await this.#takeTurn(turn)
      } catch (error) {
        // The journal could not be read. Nothing of this turn was written, or its outcome is still unknown.
        console.error(JSON.stringify({ level: 'error', group: this.#parts.groupId, message: errorText(error) }))
        this.#isFresh = false
        for (const waiting of turn) waiting.resolve(err(busy))
      }
    }
    this.#turn = undefined
  }

  /** The next commands in line; of two with one idempotency key or command id the second waits for the first's reply. */
  #takeTogether(): Waiting[] {
    const keys = new Set<string>()
    const end = this.#waiting.slice(0, MAX_TOGETHER).findIndex(({ execution: { order, repeatable } }) => {
      const key = repeatable === undefined ? order.commandId : `${repeatable.actor} ${repeatable.key}`
      return keys.has(key) || !keys.add(key)
    })
    return this.#waiting.splice(0, end === -1 ? MAX_TOGETHER : Math.max(1, end))
  }

  async #takeTurn(turn: readonly Waiting[]): Promise<void> {
    if (!this.#isFresh) await this.#catchUp()
    const accepted: Accepted[] = []
    const refused: (readonly [Waiting, Failure])[] = []
    const expenses = new Map<string, Expense>()
    const settlements = new Map<string, Settlement>()
    const receipts = new Map<string, Receipt>()
    let draft = this.#state
    for (const waiting of turn) {
      const { order, isDryRun } = waiting.execution
      const { store } = this.#parts
      const book: Book = {
        state: draft,
        expense: (id) => expenses.get(id) ?? store.expense(id),
        settlement: (id) => settlements.get(id) ?? store.settlement(id),
        receipt: (id) => receipts.get(id) ?? store.receipt(id),
      }
      const step = this.#decide(book, order)
      if (!step.ok) {
        refused.push([waiting, step.error])
        continue
      }
      const { entry, after, outcome } = step.value
      if (isDryRun === true) {
        waiting.resolve(ok({ outcome, isReplayed: false }))
        continue
      }
      draft = after
      const before = entry.expense && book.expense(entry.expense.id)
      const rollups = rollupDeltas(before, entry.expense)
      if (entry.expense !== undefined) expenses.set(entry.expense.id, entry.expense)
      for (const settlement of entry.settlements ?? []) settlements.set(settlement.id, settlement)
      for (const receipt of entry.receipts ?? []) receipts.set(receipt.id, receipt)
      accepted.push({ waiting, entry, outcome, rollups })
    }
    if (accepted.length > 0 && !(await this.#write(accepted, refused, draft))) return
    for (const [waiting, failed] of refused) waiting.resolve(await this.#replyOr(waiting, err(failed)))
  }

  /** What the rules make of the command. Where they throw, that is a bug, and must not take down what waits beside it. */
  #decide(book: Book, order: Order): Result<{ entry: Entry; after: State; outcome: Outcome }, Failure> {
    try {
      const decision = decide(book, order, this.#parts.now())
      if (!decision.ok) return decision
      const after = apply(book.state, decision.value)
      return ok({ entry: decision.value, after, outcome: outcomeOf(after, decision.value) })
    } catch (error) {
      console.error(JSON.stringify({ level: 'error', group: this.#parts.groupId, message: errorText(error) }))
      return err(failure('internal'))
    }
  }

  /** Writes what was accepted. Answers false when it did not go through and everybody was sent back or answered. */
  async #write(accepted: readonly Accepted[], refused: readonly (readonly [Waiting, Failure])[], after: State): Promise<boolean> {
    const { groupId, db } = this.#parts
    const entries = accepted.map((a) => a.entry)
    const replies = accepted.flatMap(({ waiting, outcome, entry }) =>
      waiting.execution.repeatable === undefined ? [] : [{ write: waiting.execution.repeatable, outcome, at: entry.at }],
    )
    const effects = accepted.flatMap(({ waiting, entry }) =>
      (waiting.execution.effects ?? []).map((effect) => ({ ...effect, seq: entry.seq })),
    )
    const rollups = merged(accepted.flatMap((a) => a.rollups))
    this.#found.clear()
    let head: Head
    try {
      head = await writeCommit(db.$client, { groupId, head: this.#head, entries, after, replies, effects, rollups })
    } catch (error) {
      await this.#recover(error, [...accepted.map((a) => a.waiting), ...refused.map(([waiting]) => waiting)])
      return false
    }
    // It is written: whatever goes wrong from here on, nobody is told otherwise.
    this.#advance(entries, after, head)
    for (const { waiting, outcome } of accepted) waiting.resolve(ok({ outcome, isReplayed: false }))
    return true
  }

  /** After a batch that failed: find out what became of it, answer whom that answers, send the rest back to the line. */
  async #recover(error: unknown, turn: readonly Waiting[]): Promise<void> {
    const message = error instanceof Error ? error.message : String(error)
    const fault = commitFault(message)
    if (fault === 'frozen') return answerAll(turn, failure('group.frozen'))
    if (fault === 'overloaded') return answerAll(turn, { ...busy, retryAfterS: 2 })
    if (fault === 'refused' && turn.length === 1) {
      console.error(JSON.stringify({ level: 'error', group: this.#parts.groupId, message: errorText(error) }))
      return answerAll(turn, failure('internal'))
    }
    await this.#catchUp()
    // A fence with nothing behind it means that this copy is not of this journal: start over from the truth.
    if (fault === 'fence' && this.#found.size === 0) await this.#startOver()
    const rest: Waiting[] = []
    for (const waiting of turn) {
      const own = this.#found.get(waiting.execution.order.commandId)
      if (own !== undefined) waiting.resolve(ok({ outcome: own, isReplayed: false }))
      else rest.push(waiting)
    }
    const again: Waiting[] = []
    for (const waiting of rest) {
      waiting.attempts++
      const reply = fault === 'key_taken' ? await this.#replyOr(waiting, undefined) : undefined
      if (reply !== undefined) waiting.resolve(reply)
      else if (waiting.attempts >= MAX_ATTEMPTS) waiting.resolve(err(busy))
      else if (fault === 'refused') await this.#takeTurn([waiting])
      else again.push(waiting)
    }
    this.#waiting.unshift(...again)
  }

  /** The stored reply to the same key if there is one, else the other answer. */
  async #replyOr<T extends ExecuteResult | undefined>(waiting: Waiting, other: T): Promise<ExecuteResult | T> {
    const { repeatable } = waiting.execution
    if (repeatable === undefined) return other
    const stored = await findReply(this.#parts.db, repeatable.actor, repeatable.key)
    if (stored === undefined) return other
    if (stored.fingerprint !== repeatable.fingerprint) {
      return err(
        failure('request.key_reused', [
          { field: 'Idempotency-Key', message: 'Another request was made with this key before; take a new key', code: 'KEY_REUSED' },
        ]),
      )
    }
    return ok({ outcome: stored.outcome as Outcome, isReplayed: true })
  }

  /** Applies what the journal has beyond the head, and notes what became of each command in it. */
  async #catchUp(): Promise<void> {
    for (;;) {
      const from = this.#head
      const { entries, head } = await readJournal(this.#parts.db.$client, this.#parts.groupId, from, JOURNAL_PAGE)
      // Readers catch up beside the queue. Whoever was quicker has moved the head, so that this page no longer follows it.
      if (this.#head !== from) continue
      let after = this.#state
      for (const entry of entries) {
        after = apply(after, entry)
        this.#found.set(entry.commandId, outcomeOf(after, entry))
      }
      if (entries.length > 0) this.#advance(entries, after, head)
      if (entries.length < JOURNAL_PAGE) break
    }
    this.#isFresh = true
  }

  #startOver(): Promise<void> {
    this.#parts.store.clear()
    this.#state = EMPTY
    this.#head = START
    return this.#catchUp()
  }

  #advance(entries: readonly Entry[], state: State, head: Head): void {
    this.#state = state
    this.#head = head
    this.#keep(entries)
    const news = entries.filter((entry) => entry.seq > this.#published)
    this.#published = Math.max(this.#published, head.seq)
    if (news.length > 0) this.#parts.publish(news, state)
  }

  /** The copy is only a copy: if it can't be kept, the journal tells the next waking what is missing from it. */
  #keep(entries: readonly Entry[]): void {
    try {
      this.#parts.store.save(this.#state, this.#head, entries)
    } catch (error) {
      console.error(JSON.stringify({ level: 'error', group: this.#parts.groupId, message: errorText(error) }))
    }
  }
}

function answerAll(turn: readonly Waiting[], failed: Failure): void {
  for (const waiting of turn) waiting.resolve(err(failed))
}
