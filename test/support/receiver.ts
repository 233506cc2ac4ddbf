// A receiver of webhooks as people run them, and as they break: a real server on this machine, started once for all
// tests of the worker. Each path is a receiver of its own: it behaves as it is told, and keeps what it was sent.
import { spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the receiver is, without a slash at its end. */
    receiver: string
  }
}

const FAILURES = ['500', 'hang', '302', '429', 'close'] as const
/** `storm` fails three times in ten, in every way but 410, by a sequence that follows from `seed`; it hangs up once, since workerd is loud about it. */
export type Behaviour = (typeof FAILURES)[number] | 'ok' | 'storm' | '410' | 'huge' | 'hang in the body'

/** A request as it came, and how it was answered. */
export interface Seen {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly answer: Exclude<Behaviour, 'storm'>
}

interface Place {
  behaviour: Behaviour
  random: () => number
  readonly seen: Seen[]
}

/** Mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const places = new Map<string, Place>()

function placeOf(name: string): Place {
  const place = places.get(name) ?? { behaviour: 'ok', random: randomOf(1), seen: [] }
  places.set(name, place)
  return place
}

function choose({ behaviour, random, seen }: Place): Seen['answer'] {
  if (behaviour !== 'storm') return behaviour
  const how = random() < 0.7 ? 'ok' : (FAILURES[Math.floor(random() * FAILURES.length)] ?? '500')
  return how === 'close' && seen.some(({ answer }) => answer === 'close') ? '500' : how
}

function answer(how: Seen['answer'], reply: ServerResponse): void {
  if (how === 'hang') return
  if (how === 'close') return void reply.socket?.destroy()
  if (how === 'ok') return void reply.writeHead(200, { 'content-type': 'text/plain' }).end('thanks')
  if (how === 'huge') return void reply.writeHead(200).end('x'.repeat(5_000_000))
  if (how === 'hang in the body') return void reply.writeHead(200).write('so far')
  if (how === '302') return void reply.writeHead(302, { location: '/r/elsewhere' }).end()
  if (how === '429') return void reply.writeHead(429, { 'retry-after': '120' }).end('slow down')
  reply.writeHead(Number(how)).end('no')
}

/** Checks the plain signature of everything that was taken in, here and in Python, if there is one. */
function verify({ seen }: Place, secret: string): { good: number; bad: number; python: 'good' | 'bad' | 'absent' } {
  const isGood = ({ headers, body }: Seen) => headers['x-webhook-signature'] === createHmac('sha256', secret).update(body).digest('hex')
  const good = seen.filter(isGood).length
  const lines = seen.map(({ headers, body }) => JSON.stringify({ payload: body, signature: headers['x-webhook-signature'], secret }))
  const script = fileURLToPath(import.meta.url).replace('receiver.ts', 'verify_webhook.py')
  const run = spawnSync('python3', [script], { input: lines.join('\n'), encoding: 'utf8' })
  const isSame = run.stdout === seen.map((one) => `${isGood(one)}\n`).join('')
  return { good, bad: seen.length - good, python: run.status === null ? 'absent' : isSame ? 'good' : 'bad' }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** `POST /r/{name}` is the receiver; the tests tell it what to do, and ask what came, at `/behave`, `/seen` and `/verify`. */
async function listen(request: IncomingMessage, reply: ServerResponse): Promise<void> {
  const [area = '', name = ''] = (request.url ?? '').slice(1).split('/')
  const body = await textOf(request)
  const place = placeOf(name)
  if (area === 'r') {
    const how = choose(place)
    place.seen.push({ headers: request.headers, body, answer: how })
    return answer(how, reply)
  }
  const told = (body === '' ? {} : JSON.parse(body)) as { behaviour?: Behaviour; seed?: number; secret?: string }
  if (area === 'behave') {
    place.behaviour = told.behaviour ?? 'ok'
    place.random = randomOf(told.seed ?? 1)
  }
  const result = area === 'verify' ? verify(place, told.secret ?? '') : place.seen
  reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result))
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = createServer((request, reply) => void listen(request, reply))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  project.provide('receiver', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
}
