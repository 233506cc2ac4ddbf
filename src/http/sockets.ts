// How a WebSocket is opened: who asks is found out before an object hears of it. With credentials on the upgrade
// the socket leads straight to its object; without, it is held here until the first message brings a token.
import type { Context } from 'hono'
import type { z } from 'zod'
import type { Actor, SignedIn } from '../domain/actor.ts'
import { AppError, ERRORS, type Failure } from '../domain/errors.ts'
import { closeCodeOf, messageFault, sendableCode } from '../domain/live.ts'
import { SECOND, type Timestamp } from '../domain/time.ts'
import type { Env } from '../env.ts'
import { detailsOf, failureOf } from './errors.ts'
import { exchangeOf, guarded, ipOf, type Exchange, type HttpEnv } from './exchange.ts'
import type { Gate } from './mount.ts'
import { refusalOut } from './socket-words.ts'

/** How long a socket may be open without saying who it is. */
const AUTH_WITHIN_MS = 10 * SECOND

interface WithToken {
  readonly token: string
}

/** What becomes of a socket; given by the app, because it takes the objects. */
export interface SocketDoor<Auth extends WithToken> {
  /** The first message of a socket without credentials. */
  readonly auth: z.ZodType<Auth>
  identifyToken(token: string, env: Env, now: Timestamp): Promise<Actor | AppError>
  /** The object's end of a socket for the caller. Throws when they may have none. */
  open(at: { env: Env; origin: string }, actor: SignedIn, token: string, auth: Auth | undefined): Promise<Response>
}

export type Door = Pick<Gate, 'identify' | 'spend'>

/** Answers the upgrade. What is wrong with a request is told by HTTP; what is wrong with a caller on the socket, because browsers see nothing else. */
export function answerUpgrade<Auth extends WithToken>(c: Context<HttpEnv>, gate: Door, door: SocketDoor<Auth>): Promise<Response> {
  const x = exchangeOf(c)
  return guarded(x, async () => {
    const { headers } = x.request
    if (headers.get('upgrade')?.toLowerCase() !== 'websocket') throw new AppError('request.upgrade')
    const token = tokenOf(headers)
    if (token === undefined) return holdUntilAuth(() => exchangeOf(c), gate, door)
    try {
      const actor = await admitted(x, gate, await gate.identify(x.request, x.env, x.now))
      return await door.open(placeOf(x), actor, token, undefined)
    } catch (error) {
      return refusedSocket(failureOf(error))
    }
  })
}

/** Answers the upgrade of a socket that needs no credentials but what its path says; counted as one request of nobody in particular. */
export function answerOpenUpgrade(c: Context<HttpEnv>, gate: Door, open: (x: Exchange) => Promise<Response>): Promise<Response> {
  const x = exchangeOf(c)
  return guarded(x, async () => {
    if (x.request.headers.get('upgrade')?.toLowerCase() !== 'websocket') throw new AppError('request.upgrade')
    try {
      const allowance = await gate.spend(x.env, { type: 'anonymous' }, ipOf(x.request), 'read', x.now)
      if (!allowance.isAllowed) throw new AppError('rate.exceeded')
      return await open(x)
    } catch (error) {
      return refusedSocket(failureOf(error))
    }
  })
}

const placeOf = ({ env, url }: Exchange): { env: Env; origin: string } => ({
  env,
  origin: env.PUBLIC_URL === '' ? url.origin : env.PUBLIC_URL,
})

/** What was sent as credentials. Whether it is any good is for `identify` to say. */
function tokenOf(headers: Headers): string | undefined {
  return headers.get('x-api-key') ?? headers.get('authorization')?.replace(/^Bearer /i, '')
}

/** The caller, counted as one request; throws when the credentials are bad or there were too many. */
async function admitted(x: Exchange, gate: Door, found: Actor | AppError): Promise<SignedIn> {
  const actor = found instanceof AppError ? ({ type: 'anonymous' } as const) : found
  const allowance = await gate.spend(x.env, actor, ipOf(x.request), 'read', x.now)
  if (!allowance.isAllowed) throw new AppError('rate.exceeded')
  if (found instanceof AppError) throw found
  if (found.type === 'anonymous') throw new AppError('auth.required')
  if (found.type === 'session' && found.isDeactivated === true) throw new AppError('user.deactivated')
  return found
}

/** One end of a connection that is held here. */
class End {
  readonly #socket: WebSocket
  #isGone = false

  constructor(socket: WebSocket) {
    this.#socket = socket
    this.onGone((code) => {
      // A connection that broke off counts as open until it is closed from here, too.
      if (code === 1006 && this.#isOpen) socket.close(1011)
      this.#isGone = true
    })
  }

  /** Begins to hear. Whoever wants to hear it all has said so before. */
  accept(): void {
    this.#socket.accept()
  }

  onMessage(hear: (data: unknown) => void): void {
    this.#socket.addEventListener('message', ({ data }) => hear(data))
  }

  onGone(hear: (code: number, reason: string) => void): void {
    this.#socket.addEventListener('close', ({ code, reason }) => hear(code, reason))
    this.#socket.addEventListener('error', () => hear(1006, ''))
  }

  say(text: string): void {
    if (this.#isOpen) this.#socket.send(text)
  }

  /** Closes with the code, or with the plain one for those that stand for no code and may not be sent. */
  hangUp(code: number, reason?: string): void {
    if (this.#isOpen) this.#socket.close(sendableCode(code), reason)
  }

  refuse(failed: Failure): void {
    this.say(JSON.stringify(refusalOut(failed)))
    this.hangUp(closeCodeOf(failed.code), ERRORS[failed.code].code)
  }

  get #isOpen(): boolean {
    return !this.#isGone && this.#socket.readyState === WebSocket.OPEN
  }
}

/** A socket of which one end is the client's, and the other is held here. */
function newSocket(): { client: Response; held: End } {
  const { 0: client, 1: server } = new WebSocketPair()
  return { client: new Response(null, { status: 101, webSocket: client }), held: new End(server) }
}

function refusedSocket(failed: Failure): Response {
  const { client, held } = newSocket()
  held.accept()
  held.refuse(failed)
  return client
}

const tooLate = new AppError('auth.required', [
  { field: 'token', message: `Send {"type":"auth","token":"…"} within ${AUTH_WITHIN_MS / SECOND} seconds`, code: 'REQUIRED' },
])

/** Holds the socket until its first message brings a token, and from then on passes on what either end says. */
function holdUntilAuth<Auth extends WithToken>(exchangeNow: () => Exchange, gate: Door, door: SocketDoor<Auth>): Response {
  const { client, held } = newSocket()
  let inner: Promise<End | undefined> | undefined
  const late = setTimeout(() => {
    inner ??= Promise.resolve(undefined)
    held.refuse(tooLate)
  }, AUTH_WITHIN_MS)
  held.onMessage((data) => {
    clearTimeout(late)
    const fault = messageFault(data)
    if (fault !== undefined) held.refuse(new AppError(fault))
    else if (inner === undefined) {
      const x = exchangeNow()
      inner = enter(x, gate, door, held, String(data))
      // A client that hangs up meanwhile must not leave half a socket behind.
      x.waitUntil(inner)
    } else void inner.then((end) => end?.say(String(data)))
  })
  held.onGone((code) => {
    clearTimeout(late)
    void inner?.then((end) => end?.hangUp(code))
  })
  held.accept()
  return client
}

/** Opens the object's end for whoever the first message says; undefined after a refusal. */
async function enter<Auth extends WithToken>(
  x: Exchange,
  gate: Door,
  door: SocketDoor<Auth>,
  held: End,
  first: string,
): Promise<End | undefined> {
  try {
    const auth = readAuth(door.auth, first)
    const actor = await admitted(x, gate, await door.identifyToken(auth.token, x.env, x.now))
    const { webSocket } = await door.open(placeOf(x), actor, auth.token, auth)
    if (webSocket === null) throw new AppError('service.busy')
    const end = new End(webSocket)
    end.onMessage((data) => held.say(String(data)))
    // Gone without a code, with a deployment or a crash: the client comes back and resumes.
    end.onGone((code, reason) => (code === 1006 ? held.refuse(new AppError('service.busy')) : held.hangUp(code, reason)))
    end.accept()
    return end
  } catch (error) {
    held.refuse(failureOf(error))
    return undefined
  }
}

/** What the first message says. Whatever is wrong with it, its sender is not signed in. */
function readAuth<Auth>(schema: z.ZodType<Auth>, text: string): Auth {
  const required = (details: Failure['details']): AppError => new AppError('auth.required', details)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw required([{ field: 'message', message: 'Must be JSON', code: 'MALFORMED' }])
  }
  const result = schema.safeParse(json, { reportInput: true })
  if (!result.success) throw required(result.error.issues.flatMap((issue) => detailsOf(issue, 'message')).slice(0, 10))
  return result.data
}
