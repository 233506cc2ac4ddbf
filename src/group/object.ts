// The shell around a group: it owns the clock, the storage and the sockets, and no rules. D1 is the truth;
// everything here can be rebuilt from it. Refusals are returned, because errors lose their fields over RPC.
import { DurableObject } from 'cloudflare:workers'
import { connect } from '../db/client.ts'
import type { Failure } from '../domain/errors.ts'
import type { GroupInfo, State } from '../domain/group.ts'
import { isId, type Id } from '../domain/ids.ts'
import { sendableCode } from '../domain/live.ts'
import { ok, type Result } from '../domain/result.ts'
import type { Action } from '../domain/roles.ts'
import { viewPlan, type PlanView } from '../domain/settlement-view.ts'
import {
  directDebts,
  viewBalances,
  viewGroup,
  viewMembers,
  type BalancesView,
  type DebtsView,
  type GroupView,
  type MembersView,
  type Memory,
  type PrintedBalances,
} from '../domain/views.ts'
import type { News, Speller } from '../domain/telling.ts'
import type { Env } from '../env.ts'
import { Hint } from './hint.ts'
import { Live } from './live.ts'
import { readNews } from './news.ts'
import type { Note, Replay } from './notes.ts'
import { Sequencer, type ExecuteResult, type Execution } from './sequencer.ts'
import { SqlStore } from './store.ts'

export abstract class GroupObject extends DurableObject<Env> {
  readonly #sequencer: Sequencer
  readonly #live: Live
  readonly #hint: Hint
  #balances: PrintedBalances | undefined

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    const [groupId, db, now] = [this.#groupId, connect(env.DB), () => Date.now()]
    this.#sequencer = new Sequencer({
      groupId,
      db,
      store: new SqlStore(ctx.storage.sql),
      now,
      publish: (entries, state) => {
        this.#live.feed.publish(entries, state)
        this.#hint.give()
      },
    })
    this.#hint = new Hint({ groupId, queue: env.HINTS, waitUntil: (promise) => ctx.waitUntil(promise) })
    const balances = (user: Id<'user'>) => this.balances(user, 'group.read')
    this.#live = new Live({ ctx, env, db, groupId, now, balances, sequencer: this.#sequencer, speller: this.makeSpeller(env) })
  }

  /** The words that the sockets speak. Called once, while the object is being made. */
  protected abstract makeSpeller(env: Env): Speller

  /** Decides and writes one command; a caller that hangs up does not cut it off. */
  execute(execution: Execution): Promise<ExecuteResult> {
    const result = this.#sequencer.execute(execution)
    this.ctx.waitUntil(result)
    return result
  }

  /** Decides and writes many, each on its own, in their order. */
  executeAll(executions: readonly Execution[]): Promise<ExecuteResult[]> {
    return Promise.all(executions.map((execution) => this.execute(execution)))
  }

  /** The group's own figures, as the user may see them. */
  async group(user: string, action: Action): Promise<Result<GroupView, Failure>> {
    return viewGroup(await this.#sequencer.state(), user, action)
  }

  async members(user: string, action: Action): Promise<Result<MembersView, Failure>> {
    return viewMembers(await this.#sequencer.state(), user, action)
  }

  /** What happened after the entry `after`, for whoever tells those outside. */
  async news(after: number): Promise<News> {
    const known = await this.#sequencer.state()
    // Whoever asks has seen in D1 that there is more. If this copy has not, somebody else wrote it.
    const state = known.seq > after ? known : await this.#sequencer.refresh()
    const news = await readNews(this.env.DB, this.#groupId, state, after)
    return { ...news, listening: this.#live.feed.listening }
  }

  /** The plan that was pinned last, if there is one. */
  async plan(user: string, action: Action): Promise<Result<PlanView | undefined, Failure>> {
    const state = await this.#sequencer.state()
    const view = viewGroup(state, user, action)
    return view.ok ? ok(viewPlan(state, (id) => this.#sequencer.settlement(id))) : view
  }

  /** For the audit: what this object believes. Nobody outside is answered with it. */
  async memory(): Promise<Memory> {
    const { seq, balances } = await this.#sequencer.state()
    return { seq, balances: [...balances.values()] }
  }

  /** Balances from memory, and the plan that would clear them. */
  async balances(user: string, action: Action): Promise<Result<BalancesView, Failure>> {
    return this.#balancesOf(await this.#sequencer.state(), user, action)
  }

  /** The balances with their print; `unchanged` for a caller who has those with that print. */
  async balancesUnless(known: string | undefined, user: string, action: Action): Promise<Result<PrintedBalances | 'unchanged', Failure>> {
    const state = await this.#sequencer.state()
    const view = viewGroup(state, user, action)
    if (!view.ok) return view
    const balances = this.#workedOut(state, view.value.info)
    return ok(balances.print === known ? 'unchanged' : balances)
  }

  /** Balances, and what members owe each other as it arose: what it takes to explain a debt. */
  async debts(user: string, action: Action): Promise<Result<DebtsView, Failure>> {
    const state = await this.#sequencer.state()
    const view = this.#balancesOf(state, user, action)
    return view.ok ? ok({ ...view.value, direct: directDebts(state) }) : view
  }

  #balancesOf(state: State, user: string, action: Action): Result<BalancesView, Failure> {
    const view = viewGroup(state, user, action)
    return view.ok ? ok(this.#workedOut(state, view.value.info).value) : view
  }

  /** Worked out once for each seq, the plan above all. */
  #workedOut(state: State, info: GroupInfo): PrintedBalances {
    if (this.#balances?.value.seq === state.seq) return this.#balances
    return (this.#balances = { value: viewBalances(state, info), print: crypto.randomUUID() })
  }

  /** Opens a socket; the Worker has found out for whom. */
  override fetch(request: Request): Response {
    return this.#live.open(request)
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#live.sockets.hear(socket, message)
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    socket.close(sendableCode(code))
  }

  override alarm(): Promise<void> {
    return this.#live.wake()
  }

  /** Has a user's hub told of every entry after the one that is answered. */
  async subscribe(user: Id<'user'>, hub: Id<'group'>, origin: string): Promise<Result<number, Failure>> {
    return this.#live.feed.subscribe(user, hub, origin)
  }

  /** What a user's hub has missed since the entry `from`. */
  async replay(user: Id<'user'>, from: number, origin: string): Promise<Result<Replay, Failure>> {
    return this.#live.feed.replay(user, from, origin)
  }

  /** Word from a group to the user whose personal group this is. False when nobody listens. */
  async relay(note: Note): Promise<boolean> {
    return this.#live.hub.relay(note)
  }

  /** Shows messages on the open sockets of the user whose personal group this is. Who is away is not told later. */
  async announce(user: Id<'user'>, messages: readonly string[]): Promise<void> {
    this.#live.hub.announce(user, messages)
  }

  get #groupId(): Id<'group'> {
    const { name } = this.ctx.id
    if (!isId('group', name)) throw new Error('a group object is addressed by the id of its group')
    return name
  }
}
