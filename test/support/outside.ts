// What is outside of a group in a storm: a queue that loses, doubles and reorders its messages, consumers on a D1 that
// fails, and receivers of webhooks that fail too. `findUntold` says what of the journal did not come out as it should.
import { vi } from 'vitest'
import { connect, runBatch } from '../../src/db/client.ts'
import { insertEndpoint } from '../../src/db/webhooks.ts'
import { stableId } from '../../src/db/stable-id.ts'
import { audiencesOf } from '../../src/domain/audience.ts'
import type { Hint } from '../../src/domain/hint.ts'
import { newId, type Id } from '../../src/domain/ids.ts'
import { notificationsOf } from '../../src/domain/notifying.ts'
import { HOUR } from '../../src/domain/time.ts'
import type { Endpoint } from '../../src/domain/webhook.ts'
import { followHints } from '../../src/jobs/hints.ts'
import { drainOutbox } from '../../src/jobs/outbox.ts'
import { tellGroup } from '../../src/jobs/tell.ts'
import { newWebhookSecret, sealWebhookSecret } from '../../src/platform/webhook-secrets.ts'
import { env } from './env.ts'
import { FaultyD1, type Fate, type Faults } from './faults.ts'
import { jobAt } from './jobs.ts'
import { journalOf, type Place } from './storm.ts'

const HOST = 'http://127.0.0.1:9'

const INSERT_USERS = `INSERT INTO users (id, email, username, password_hash, first_name, last_name, preferred_currency, timezone, profile, settings, is_verified, personal_group_id, created_at, updated_at)
SELECT value->>0, value->>0 || '@storm.test', value->>0, '', 'S', '', 'EUR', 'UTC', '{}', '{"notificationsEnabled":true,"emailNotifications":true,"pushNotifications":false}', value->>1, value->>2, 0, 0 FROM json_each(?)`

interface Dice {
  readonly dice: () => number
  readonly fate: () => Fate
  readonly isOver: () => boolean
  readonly rewrite?: Faults['rewrite']
}

export class Outside {
  readonly #place: Place
  readonly #dice: Dice
  readonly #d1: FaultyD1
  readonly #queue: Hint[] = []
  readonly #endpoints: Endpoint[] = []
  /** By endpoint, the ids that were taken in, in the order in which they came first. */
  readonly #taken = new Map<string, { readonly ids: Set<string>; readonly seqs: number[] }>()
  doubled = 0

  constructor(place: Place, dice: Dice) {
    this.#place = place
    this.#dice = dice
    this.#d1 = new FaultyD1(env.DB, {
      batch: dice.fate,
      read: () => !dice.isOver() && dice.dice() < 0.03,
      ...(dice.rewrite && { rewrite: dice.rewrite }),
    })
  }

  /** Makes accounts of the members, one of them with a proved address, and gives two of them a webhook. */
  async settle(): Promise<void> {
    const rows = this.#place.users.map((id, i) => [id, i === 0 ? 1 : 0, newId('group')])
    await env.DB.prepare(INSERT_USERS).bind(JSON.stringify(rows)).run()
    for (const userId of this.#place.users.slice(0, 2)) this.#endpoints.push(await this.#register(userId))
    vi.stubGlobal('fetch', (url: URL | string, init: { readonly body: string }) => this.#receive(url.toString(), init))
  }

  async #register(userId: Id<'user'>): Promise<Endpoint> {
    const id = newId('webhook')
    const endpoint: Endpoint = {
      ...{ id, userId, url: `${HOST}/${id}`, description: '', events: ['*'], groupIds: null, origin: '', version: 1 },
      ...{ disabledAt: null, disabledReason: null, failingSince: null, previousUntil: null, createdAt: 0, updatedAt: 0 },
    }
    const db = connect(env.DB)
    await runBatch(db, insertEndpoint(db, endpoint, await sealWebhookSecret(env.SECRET, id, newWebhookSecret())))
    this.#taken.set(id, { ids: new Set(), seqs: [] })
    return endpoint
  }

  /** A receiver that fails, that hangs up, and that takes something in and can't say so. */
  async #receive(url: string, init: { readonly body: string }): Promise<Response> {
    const dice = this.#dice.isOver() ? 1 : this.#dice.dice()
    if (dice < 0.12) return new Response('no', { status: 500 })
    if (dice < 0.18) throw new Error('the connection was refused')
    const { metadata } = JSON.parse(init.body) as { metadata: { delivery_id: string; seq: number } }
    const taken = this.#taken.get(url.slice(HOST.length + 1))
    if (taken?.ids.has(metadata.delivery_id) === true) this.doubled++
    else taken?.seqs.push(metadata.seq)
    taken?.ids.add(metadata.delivery_id)
    if (dice < 0.26) throw new Error('the connection was lost')
    return new Response(null, { status: 204 })
  }

  /** The group says that it has news. */
  hint = (): void => {
    const message: Hint = { kind: 'news', groupId: this.#place.groupId }
    const dice = this.#dice.dice()
    if (dice < 0.25) return
    this.#queue.push(message, ...(dice < 0.5 ? [message] : []))
  }

  /** Some of the messages reach a consumer, in any order, and may come again. */
  async consume(): Promise<void> {
    const { dice } = this.#dice
    const batch = this.#queue.splice(0, 1 + Math.floor(dice() * 4)).toSorted(() => dice() - 0.5)
    if (dice() < 0.2) this.#queue.push(...batch)
    const messages = batch.map((body) => ({ body, ack: () => {} }))
    await followHints(this.#job(Date.now()), { messages } as unknown as MessageBatch<Hint>)
  }

  #job(now: number) {
    return { ...jobAt(now), db: connect(this.#d1.asD1) }
  }

  /** The storm is over: what is owed is told, and what waits is tried again, as the sweeps of the next days do. */
  async drain(): Promise<void> {
    await this.#d1.settle()
    for (let hours = 0; hours < 100; hours += 6) {
      const now = Date.now() + hours * HOUR
      let moved = 1
      // What is kept may write entries of its own: a profile that changed is told to its groups.
      while (moved > 0) moved = (await tellGroup(this.#job(now), this.#place.groupId)) + (await drainOutbox(this.#job(now))).done
    }
  }

  /** What of the journal did not come out once, in order and to whom it concerns. */
  async findUntold(): Promise<string[]> {
    const { groupId } = this.#place
    const { entries, state } = await journalOf(groupId)
    const news = { entries, later: [], state, categories: new Map() }
    const audiences = audiencesOf(news)
    const events = jobAt().words.events(news, { now: 0, origin: '' })
    const wrongLanes = this.#endpoints.flatMap(({ id, userId }) => {
      const expected = events.filter(({ seq }) => audiences.get(seq)?.has(userId)).map(({ seq }) => seq)
      const came = this.#taken.get(id)?.seqs ?? []
      return came.join() === expected.join() ? [] : [`webhooks came as ${came.join()}, the journal has ${expected.join()}`]
    })
    const idOf = (seq: number, userId: string, type: string): Id<'notification'> => stableId('notification', groupId, seq, userId, type)
    const expected = notificationsOf(news, { idOf, accountOf: () => undefined }).map(({ id }) => id)
    const { results } = await env.DB.prepare('SELECT id FROM notifications WHERE group_id = ?').bind(groupId).all<{ id: string }>()
    const stored = results.map(({ id }) => id)
    const owed = await env.DB.prepare(
      `SELECT (SELECT seq - told_seq FROM groups WHERE id = ?1) AS entries,
       (SELECT COUNT(*) FROM deliveries WHERE group_id = ?1 AND state <> 'delivered') AS deliveries,
       (SELECT COUNT(*) FROM notices WHERE notification_id IN (SELECT id FROM notifications WHERE group_id = ?1)) AS notices`,
    )
      .bind(groupId)
      .first()
    const rest = JSON.stringify(owed)
    return [
      ...wrongLanes,
      ...(stored.toSorted().join() === expected.toSorted().join()
        ? []
        : [`${stored.length} notifications are there, ${expected.length} should be`]),
      ...(rest === '{"entries":0,"deliveries":0,"notices":0}' ? [] : [`owed still: ${rest}`]),
    ]
  }
}
