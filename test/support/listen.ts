// A client of the sockets: holds messages against their schemas, keeps them, and lets a test wait for them.
import { evictDurableObject } from 'cloudflare:test'
import { expect } from 'vitest'
import type { z } from 'zod'
import { PongOut, RefusalOut } from '../../src/http/socket-words.ts'
import {
  BalanceUpdateOut,
  ClaimsUpdateOut,
  ExpenseUpdateOut,
  GroupActivityOut,
  PaymentUpdateOut,
  ReadyAllOut,
  ReadyOut,
  ReceiptUpdateOut,
  SnapshotOut,
} from '../../src/routes/live-shapes.ts'
import { JobUpdateOut } from '../../src/routes/job-shapes.ts'
import { NotificationMessageOut } from '../../src/routes/notification-shapes.ts'
import type { Message } from './told.ts'
import { env } from './env.ts'
import { worker, type Client, type Reply } from './world.ts'

const SCHEMAS: Readonly<Record<string, readonly z.ZodType[]>> = {
  ready: [ReadyOut, ReadyAllOut],
  snapshot: [SnapshotOut],
  expense_update: [ExpenseUpdateOut],
  receipt_update: [ReceiptUpdateOut],
  claims_update: [ClaimsUpdateOut],
  payment_update: [PaymentUpdateOut],
  balance_update: [BalanceUpdateOut],
  group_activity: [GroupActivityOut],
  job_update: [JobUpdateOut],
  notification: [NotificationMessageOut],
  error: [RefusalOut],
  pong: [PongOut],
}

/** Throws unless the message says all that its schema promises and nothing else. */
function checkShape(message: Message): void {
  const parsed = (SCHEMAS[message.type] ?? []).map((schema) => schema.safeParse(message)).find((result) => result.success)
  expect(parsed?.data, `a ${message.type} in the shape that is documented: ${JSON.stringify(message).slice(0, 400)}`).toEqual(message)
}

const TIMEOUT_MS = 5000

/** The end of a socket that a client holds. */
export class Listener {
  readonly messages: Message[] = []
  readonly closed: Promise<number>
  code: number | undefined
  readonly #socket: WebSocket
  readonly #wakers: (() => void)[] = []

  constructor(socket: WebSocket, onMessage: (message: Message) => void) {
    this.#socket = socket
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', ({ code }) => {
        this.code ??= code
        resolve(this.code)
        this.#wake()
      })
    })
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as Message
      onMessage(message)
      this.messages.push(message)
      this.#wake()
    })
    socket.accept()
  }

  send(message: unknown): void {
    this.#socket.send(typeof message === 'string' || message instanceof ArrayBuffer ? message : JSON.stringify(message))
  }

  /** Hangs up. */
  close(): void {
    this.code = 1000
    this.#socket.close(1000)
  }

  /** The messages, as soon as they are as wanted. */
  async until(isDone: (messages: readonly Message[]) => boolean): Promise<readonly Message[]> {
    const end = Date.now() + TIMEOUT_MS
    while (!isDone(this.messages)) {
      if (Date.now() > end || this.code !== undefined)
        throw new Error(`waited in vain (closed: ${this.code}): ${JSON.stringify(this.messages.slice(-4)).slice(0, 1500)}`)
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wakers.push(resolve)
      const late = setTimeout(resolve, 100)
      await promise
      clearTimeout(late)
    }
    return this.messages
  }

  /** The first message of the type. */
  async first(type: string): Promise<Message> {
    const found = (await this.until((messages) => messages.some((m) => m.type === type))).find((m) => m.type === type)
    if (found === undefined) throw new Error('a message was there and is gone')
    return found
  }

  /** The messages about the group, as soon as all were told up to this entry. */
  async upTo(groupId: string, seq: number): Promise<Message[]> {
    const isTold = (m: Message): boolean => m.type === 'group_activity' && m.group_id === groupId && m.seq >= seq
    return (await this.until((messages) => messages.some(isTold))).filter((m) => m.group_id === groupId)
  }

  #wake(): void {
    for (const wake of this.#wakers.splice(0)) wake()
  }
}

interface Options {
  /** Sent on the upgrade; without it the first message has to say who asks. */
  readonly token?: string
  readonly auth?: unknown
  /** What to do with each message instead of holding it against its schema. */
  readonly onMessage?: (message: Message) => void
}

/** Opens a socket at the path, and signs in as asked. */
export async function listen(path: string, { token, auth, onMessage = checkShape }: Options): Promise<Listener> {
  const headers = { Upgrade: 'websocket', ...(token !== undefined && { Authorization: `Bearer ${token}` }) }
  const reply = await worker.fetch(`https://api.test${path}`, { headers })
  expect(reply.status).toBe(101)
  if (reply.webSocket === null) throw new Error('an upgrade is answered with a socket')
  const listener = new Listener(reply.webSocket, onMessage)
  if (auth !== undefined) listener.send(auth)
  return listener
}

/** The first message of a client that did not sign in on the upgrade. */
export const signIn = ({ token }: Client, cursors?: Record<string, number>) => ({ type: 'auth', token, ...(cursors && { cursors }) })

/** An expense, which is an entry that everything is told of. */
export const spend = (client: Client, groupId: string, fields: Record<string, unknown> = {}): Promise<Reply> =>
  client.post('/api/expenses/', { title: 'Dinner', amount: '10.00', group_id: groupId, ...fields })

/** Puts the group's object out of memory; its sockets stay. */
export const evict = (groupId: string): Promise<void> => evictDurableObject(env.GROUP.getByName(groupId))

/** The personal group of somebody: the first group that their own socket speaks of. */
export async function personalGroup(client: Client): Promise<string> {
  const socket = await listen('/ws/', { token: client.token })
  const { data } = await socket.first('ready')
  socket.close()
  return data.groups[0].group_id
}
