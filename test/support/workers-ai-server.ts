// A server that speaks the REST API of Workers AI as it is documented: one model that sees, one account, one token. What
// it answers is put down beforehand, answer by answer; what it was asked is kept.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const TOKEN = 'cf-canary-token-5up3r53cr3t'
export const MODEL = '@cf/google/gemma-4-26b-a4b-it'
const PATH = `/client/v4/accounts/acc0unt/ai/run/${MODEL}`

interface Asked {
  readonly messages: readonly { readonly role: string; readonly content: readonly Part[] }[]
  readonly max_completion_tokens: number
  readonly temperature: number
}
type Part = { readonly type: 'text'; readonly text: string } | { readonly type: 'image_url'; readonly image_url: { readonly url: string } }

/** What goes over the line: JSON, a raw body, nothing at all, a beginning without an end, or a cut. */
export type Answer =
  | { readonly status: number; readonly json: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly status: number; readonly raw: string; readonly headers?: Readonly<Record<string, string>> }
  | 'hang'
  | 'hang in the body'
  | 'close'

const envelope = (result: unknown, errors: readonly { code: number; message: string }[] = []) => ({
  result,
  success: errors.length === 0,
  errors,
  messages: [],
})

/** As newer models answer: like chat completions. */
export const said = (content: string | null): Answer => ({
  status: 200,
  json: envelope({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_795_000_000,
    model: MODEL,
    choices: [{ index: 0, message: { role: 'assistant', content, refusal: null }, finish_reason: 'stop', logprobs: null }],
    usage: { prompt_tokens: 300, completion_tokens: 20, total_tokens: 320 },
  }),
})

/** As older models answer. */
export const responded = (response: string): Answer => ({ status: 200, json: envelope({ response, usage: {} }) })

export const failed = (status: number, code: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  json: envelope(null, [{ code, message }]),
  headers,
})

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function send(reply: ServerResponse, answer: Answer): void {
  if (answer === 'hang') return
  if (answer === 'close') return void reply.socket?.destroy()
  if (answer === 'hang in the body') return void reply.writeHead(200, { 'content-type': 'application/json' }).write('{"result":')
  const body = 'raw' in answer ? answer.raw : JSON.stringify(answer.json)
  reply.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(body)
}

export class WorkersAiServer {
  readonly asked: Asked[] = []
  readonly #answers: Answer[] = []
  readonly #server = createServer((request, reply) => void this.#take(request, reply))

  /** Starts it, and says where it is: the account's address. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/client/v4/accounts/acc0unt`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** What the next question is answered with. */
  answer(next: Answer): void {
    this.#answers.push(next)
  }

  async #take(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const body = await bodyOf(request)
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return send(reply, failed(401, 10_000, 'Authentication error'))
    if (request.method !== 'POST' || request.url !== PATH) return send(reply, failed(400, 5007, `No such model ${request.url} or task`))
    this.asked.push(JSON.parse(body) as Asked)
    send(reply, this.#answers.shift() ?? failed(500, 3000, 'no answer was put down'))
  }
}
