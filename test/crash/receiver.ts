// Somebody else's server: takes webhooks in, checks who signed them, and remembers what came.
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { Webhook } from 'standardwebhooks'

export interface Received {
  readonly id: string
  readonly path: string
  readonly event: string
  readonly groupId: string
  readonly seq: number
}

export class Receiver {
  readonly #server = createServer((request, reply) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
      this.#take(request.url ?? '', Buffer.concat(chunks).toString(), headers)
      reply.writeHead(204).end()
    })
  })
  readonly received: Received[] = []
  /** What a signature did not fit. */
  readonly forged: string[] = []
  /** By path. */
  readonly secrets = new Map<string, string>()

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #take(path: string, body: string, headers: Record<string, string>): void {
    const secret = this.secrets.get(path) ?? ''
    const id = headers['webhook-id'] ?? ''
    if (!isSigned(secret, body, headers)) this.forged.push(id)
    const { event, metadata } = JSON.parse(body) as { event: string; metadata: { group_id: string; seq: number } }
    this.received.push({ id, path, event, groupId: metadata.group_id, seq: metadata.seq })
  }
}

/** Both signatures hold: the one of the document, and the one of Standard Webhooks. */
function isSigned(secret: string, body: string, headers: Record<string, string>): boolean {
  try {
    new Webhook(secret).verify(body, headers)
    return headers['x-webhook-signature'] === createHmac('sha256', secret).update(body).digest('hex')
  } catch {
    return false
  }
}
