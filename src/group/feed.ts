// What happens in a group, told to those who watch it: to the group's own sockets, and to the hubs of users who
// watch all their groups. Each is told every entry once and in order; who missed some is told those again.
import type { Db } from '../db/client.ts'
import { readJournal } from '../db/journal.ts'
import { findHubs, readOwnCategories } from '../db/live.ts'
import { findSystemCategory, type Category } from '../domain/categories.ts'
import { failure, type Failure } from '../domain/errors.ts'
import type { Entry, State } from '../domain/group.ts'
import type { Id } from '../domain/ids.ts'
import { isResumable, newcomersOf, spansOf, type Span } from '../domain/live.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Speller, Spelled } from '../domain/telling.ts'
import { SECOND, type Timestamp } from '../domain/time.ts'
import { viewGroup, type BalancesView } from '../domain/views.ts'
import type { Lane } from './lane.ts'
import type { HubLine, Note, Replay } from './notes.ts'
import type { Sequencer } from './sequencer.ts'
import type { Pass, Sockets, Watcher } from './sockets.ts'
import type { Subscriber, Subscribers } from './subscribers.ts'

interface FeedParts {
  readonly groupId: Id<'group'>
  readonly db: Db
  readonly now: () => Timestamp
  readonly lane: Lane
  readonly sockets: Sockets
  readonly speller: Speller
  readonly subscribers: Subscribers
  readonly sequencer: Pick<Sequencer, 'state' | 'known' | 'expense'>
  readonly balances: (user: Id<'user'>) => Promise<Result<BalancesView, Failure>>
  readonly hub: (id: Id<'group'>) => HubLine
  readonly wakeBy: (at: Timestamp) => void
}

type Spell = (origin: string) => readonly Spelled[]

/** A hub that could not be reached as often in a row, over some four minutes, is given up. */
const MAX_TRIES = 7
const CATEGORIES_KEPT = 1000
const NOT_A_MEMBER = failure('group.forbidden', [
  { field: 'group_id', message: 'You are no longer a member of the group', code: 'NOT_A_MEMBER' },
])

export class Feed {
  readonly #parts: FeedParts
  readonly #categories = new Map<Id<'category'>, Category>()

  constructor(parts: FeedParts) {
    this.#parts = parts
  }

  /** Opens a socket on this group. Whether its user may see the group is asked before anything is said. */
  accept(pass: Pass, from: number | undefined): Response {
    const { watcher, response } = this.#parts.sockets.accept(pass)
    this.#parts.lane.run(() => this.#join(watcher, from))
    return response
  }

  /** Opens a socket on the claims of one expense. */
  acceptClaims(pass: Pass): Response {
    const { sockets, lane, sequencer } = this.#parts
    const { watcher, response } = sockets.accept(pass)
    lane.run(() =>
      this.#orRefuse([watcher], async () => {
        if (this.#tellClaims(watcher, await sequencer.state())) watcher.join()
      }),
    )
    return response
  }

  /** Tells the claims as they are; false when the link has nothing to show any more. */
  #tellClaims(watcher: Watcher, state: State): boolean {
    const { userId, expenseId } = watcher.pass
    const expense = expenseId && this.#parts.sequencer.expense(expenseId)
    const isSeen = expense !== undefined && expense.deletedAt === undefined && viewGroup(state, userId, 'expense.read').ok
    const said = isSeen ? this.#parts.speller.claims(expense, state.members) : undefined
    if (said === undefined) watcher.refuse(failure('claim_link.not_found'))
    else watcher.say(said)
    return said !== undefined
  }

  /** Tells everybody who watches. The state is the one that the last of the entries led to. */
  publish(entries: readonly Entry[], state: State): void {
    const { sockets, subscribers, lane } = this.#parts
    if (!sockets.has('group') && !sockets.has('claims') && subscribers.all.size === 0 && newcomersOf(entries).size === 0) return
    lane.run(() => this.#tell(entries, state))
  }

  /** The users whose hubs are told of the group. */
  get listening(): readonly Id<'user'>[] {
    return [...this.#parts.subscribers.all.keys()]
  }

  /** What the user missed since the entry `from`, or why they are not told. */
  async replay(user: Id<'user'>, from: number | undefined, origin: string): Promise<Result<Replay, Failure>> {
    const { groupId, db, sequencer, speller, balances } = this.#parts
    const state = await sequencer.state()
    const view = viewGroup(state, user, 'expense.read')
    if (!view.ok) return view
    if (from === state.seq) return ok({ seq: from, spelled: [] })
    if (!isResumable(state.seq, from)) {
      const snapshot = await balances(user)
      return snapshot.ok ? ok({ seq: snapshot.value.seq, snapshot: speller.snapshot(snapshot.value), spelled: [] }) : snapshot
    }
    const { entries } = await readJournal(db.$client, groupId, { seq: from, hash: '' }, state.seq - from)
    const spell = await this.#spell(entries, state)
    return ok({ seq: state.seq, spelled: spell(origin) })
  }

  /** Has the user's hub told of every entry after the one that is answered. */
  async subscribe(user: Id<'user'>, hub: Id<'group'>, origin: string): Promise<Result<number, Failure>> {
    const { sequencer, subscribers } = this.#parts
    const view = viewGroup(await sequencer.state(), user, 'expense.read')
    if (!view.ok) return err(view.error)
    // The state may be newer by now, and whoever was told of that did not know this subscriber.
    const { seq } = sequencer.known
    subscribers.put(user, { hub, origin, since: seq, tries: 0 })
    return ok(seq)
  }

  /** Tells the hubs that could not be reached how far the group is by now, so that they ask for what they missed. */
  async retry(): Promise<void> {
    const { groupId, sequencer, subscribers } = this.#parts
    const behind = [...subscribers.all].filter(([, subscriber]) => subscriber.tries > 0)
    if (behind.length === 0) return
    const state = await sequencer.state()
    await Promise.all(
      behind.map(([user, subscriber]) => {
        const hasEnded = !viewGroup(state, user, 'expense.read').ok
        return this.#tellHub(user, subscriber, { groupId, since: subscriber.since, seq: state.seq, spelled: [], hasEnded })
      }),
    )
  }

  async #join(watcher: Watcher, from: number | undefined): Promise<void> {
    const { groupId, speller } = this.#parts
    await this.#orRefuse([watcher], async () => {
      const { userId, origin } = watcher.pass
      const replay = await this.replay(userId, from, origin)
      if (!replay.ok) return watcher.refuse(replay.error)
      watcher.say(speller.ready({ groupId, seq: replay.value.seq }))
      watcher.show(groupId, replay.value)
      watcher.join()
    })
  }

  async #tell(entries: readonly Entry[], state: State): Promise<void> {
    const watchers = await this.#parts.sockets.audience('group')
    const spell = await this.#orRefuse(watchers, async () => {
      const words = await this.#spell(entries, state)
      for (const watcher of watchers) this.#tellWatcher(watcher, entries, words)
      return words
    })
    await this.#relay(entries, spell)
    await this.#tellGuests(entries, state)
  }

  /** Guests are told what is, not what happened: of several entries the last one is enough. */
  async #tellGuests(entries: readonly Entry[], state: State): Promise<void> {
    const { sockets } = this.#parts
    if (!sockets.has('claims')) return
    const changed = new Set(entries.flatMap(({ expense }) => expense?.id ?? []))
    const isAboutPeople = entries.some(({ members }) => members !== undefined)
    for (const watcher of await sockets.audience('claims')) {
      const { expenseId } = watcher.pass
      if (isAboutPeople || (expenseId !== undefined && changed.has(expenseId))) this.#tellClaims(watcher, state)
    }
  }

  #tellWatcher(watcher: Watcher, entries: readonly Entry[], spell: Spell): void {
    const { groupId } = this.#parts
    const { userId, origin } = watcher.pass
    const seen = watcher.cursor(groupId) ?? 0
    const news = entries.filter((entry) => entry.seq > seen)
    const [first] = news
    const [span] = spansOf(news, userId, true)
    if (first === undefined || span === undefined) return
    // It should not come to this; but then its client comes back and asks for what lies between.
    if (first.seq > seen + 1) return watcher.refuse(failure('service.busy'))
    watcher.tell(groupId, within(span, spell(origin)))
    if (span.hasEnded) watcher.refuse(NOT_A_MEMBER)
  }

  /** Runs the work, and closes the sockets if it fails: their clients come back and ask for what they missed. */
  async #orRefuse<T>(watchers: readonly Watcher[], work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      for (const watcher of watchers) watcher.refuse(failure('service.busy'))
      throw error
    }
  }

  async #relay(entries: readonly Entry[], spell: Spell): Promise<void> {
    const { subscribers } = this.#parts
    const fresh = entries.filter((entry) => entry.seq > subscribers.relayedSeq)
    const known = new Set(subscribers.all.keys())
    await this.#admitNewcomers(fresh)
    const last = fresh.at(-1)
    if (last === undefined || subscribers.all.size === 0) return
    const tellings = [...subscribers.all].map(async ([user, subscriber]) => {
      for (const span of spansOf(fresh, user, known.has(user))) await this.#tellHub(user, subscriber, this.#noteOf(span, subscriber, spell))
    })
    await Promise.all(tellings)
    subscribers.relayedSeq = last.seq
  }

  /** Makes subscribers of those who come in. Where nobody listens their hub will say so. */
  async #admitNewcomers(entries: readonly Entry[]): Promise<void> {
    const { db, subscribers } = this.#parts
    const users = [...newcomersOf(entries)].filter((user) => !subscribers.all.has(user))
    if (users.length === 0) return
    for (const { userId, hub } of await findHubs(db.$client, users)) {
      const since = (spansOf(entries, userId, false)[0]?.entries[0]?.seq ?? 1) - 1
      subscribers.put(userId, { hub, since, tries: 0 })
    }
  }

  /** A hub whose origin is not known yet is told only that there is something, and asks. */
  #noteOf(span: Span, { origin }: Subscriber, spell: Spell): Note {
    const { groupId } = this.#parts
    const spelled = origin === undefined ? [] : within(span, spell(origin))
    return { groupId, since: (span.entries[0]?.seq ?? 1) - 1, seq: span.entries.at(-1)?.seq ?? 0, spelled, hasEnded: span.hasEnded }
  }

  async #tellHub(user: Id<'user'>, subscriber: Subscriber, note: Note): Promise<void> {
    const { hub, subscribers, now, wakeBy } = this.#parts
    try {
      const isHeard = await hub(subscriber.hub).relay(note)
      if (!isHeard || note.hasEnded) subscribers.delete(user, subscriber)
      else subscribers.setTries(user, subscriber, 0)
    } catch {
      const tries = subscriber.tries + 1
      if (tries > MAX_TRIES) return subscribers.delete(user, subscriber)
      subscribers.setTries(user, subscriber, tries)
      wakeBy(now() + 2 ** tries * SECOND)
    }
  }

  /** Spells the entries when first asked for, once for each origin. */
  async #spell(entries: readonly Entry[], state: State): Promise<Spell> {
    const { speller, now } = this.#parts
    const telling = { entries, state, categories: await this.#categoriesOf(entries) }
    const spelled = new Map<string, readonly Spelled[]>()
    return (origin) => {
      const known = spelled.get(origin) ?? speller.entries(telling, { now: now(), origin })
      spelled.set(origin, known)
      return known
    }
  }

  async #categoriesOf(entries: readonly Entry[]): Promise<ReadonlyMap<Id<'category'>, Category>> {
    if (this.#categories.size > CATEGORIES_KEPT) this.#categories.clear()
    const ids = new Set(entries.flatMap(({ expense }) => expense?.categoryIds ?? []))
    const unknown = [...ids].filter((id) => !this.#categories.has(id))
    const own = unknown.filter((id) => findSystemCategory(id) === undefined)
    const found = [
      ...unknown.flatMap((id) => findSystemCategory(id) ?? []),
      ...(own.length === 0 ? [] : await readOwnCategories(this.#parts.db.$client, own)),
    ]
    for (const category of found) this.#categories.set(category.id, category)
    return this.#categories
  }
}

/** Those of the spelled entries that lie in the span. */
function within({ entries }: Span, spelled: readonly Spelled[]): readonly Spelled[] {
  const [first, last] = [entries[0]?.seq ?? 0, entries.at(-1)?.seq ?? 0]
  return spelled.filter(({ seq }) => seq >= first && seq <= last)
}
