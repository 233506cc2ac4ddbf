// A client that costs little itself: one connection for each lane, kept open, one request at a time on each.
import { Agent, request } from 'node:http'

export interface Ask {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly token?: string
  readonly body?: unknown
}

export interface Answer {
  readonly status: number
  readonly text: string
}

export const LANES = 16

export class Client {
  readonly #url: URL
  readonly #agents = Array.from({ length: LANES }, () => new Agent({ keepAlive: true, maxSockets: 1 }))

  constructor(url: URL) {
    this.#url = url
  }

  /** Sends the request on a lane; throws unless it succeeds. */
  ask({ method, path, token, body }: Ask, lane = 0): Promise<Answer> {
    const payload = body === undefined ? undefined : JSON.stringify(body)
    const headers = {
      'x-lane': String(lane),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(payload !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
    }
    const { hostname, port } = this.#url
    return new Promise((resolve, reject) => {
      const sent = request({ hostname, port, method, path, headers, agent: this.#agents[lane] }, (reply) => {
        const chunks: Buffer[] = []
        reply.on('data', (chunk: Buffer) => chunks.push(chunk))
        reply.on('error', reject)
        reply.on('end', () => {
          const [status, text] = [reply.statusCode ?? 0, Buffer.concat(chunks).toString()]
          if (status >= 200 && status < 300) resolve({ status, text })
          else reject(new Error(`${method} ${path} was answered ${status}: ${text.slice(0, 300)}`))
        })
      })
      sent.on('error', reject)
      sent.end(payload)
    })
  }

  /** Sends it and gives the `data` of the envelope. */
  async data<T>(ask: Ask, lane = 0): Promise<T> {
    const { text } = await this.ask(ask, lane)
    return (JSON.parse(text) as { data: T }).data
  }

  /** Sends so many requests over all lanes, each lane the next as soon as it has an answer; gives the seconds it took. */
  async flood(count: number, ask: (lane: number, i: number) => Ask, seen: (answer: Answer) => void = () => {}): Promise<number> {
    let next = 0
    const startedAt = performance.now()
    const lane = async (n: number): Promise<void> => {
      while (next < count) seen(await this.ask(ask(n, next++), n))
    }
    await Promise.all(Array.from({ length: LANES }, (_, n) => lane(n)))
    return (performance.now() - startedAt) / 1000
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy()
  }
}
