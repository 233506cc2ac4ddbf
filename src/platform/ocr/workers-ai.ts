// Workers AI over its REST API: a vision model writes down what it sees. The picture leaves for Cloudflare's machines,
// which is why it is nobody's default. What the model says is data: it is read as a receipt, never obeyed.
import { boundedText } from '../bounded-text.ts'
import type { ImageType } from '../../domain/images/images.ts'
import type { OcrFault } from '../../domain/reading-plan.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import type { Env } from '../../env.ts'
import { checkOutgoingUrl } from '../outgoing.ts'
import { OCR_TIMEOUT_MS, OcrUnavailable, type Ocr, type Recognised } from './ocr.ts'
import { pageOfText } from './text-page.ts'

export type WorkersAiEnv = Pick<Env, 'ENVIRONMENT' | 'WORKERS_AI_URL' | 'WORKERS_AI_MODEL' | 'WORKERS_AI_TOKEN'>

/** As text within JSON it is held a few times over while it is sent. */
const MAX_IMAGE_BYTES = 5_000_000
const MAX_REPLY_BYTES = 1_000_000
/** Four times the text of a long receipt. */
const MAX_TOKENS = 4096
const LONGEST_WAIT_S = 3600
const NO_TEXT = 'NO_TEXT'

const PROMPT = `Transcribe all text on this receipt.
Write every printed line on a line of its own, from top to bottom, exactly as it is printed, in its own language.
Keep the columns of a line in their order and put four spaces between them, so that amounts stay at the end of their line.
Do not translate, correct, calculate, explain or leave out anything, and use no Markdown.
If there is no text in the picture, answer ${NO_TEXT}.`

interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  readonly body: string
}

/** The reply as JSON, as far as it is of the documented shape. */
interface Reply {
  readonly success?: unknown
  readonly errors?: unknown
  readonly result?: { readonly response?: unknown; readonly choices?: unknown } | null
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

function replyOf(body: string): Reply | undefined {
  try {
    const reply: unknown = JSON.parse(body)
    return isObject(reply) ? reply : undefined
  } catch {
    return undefined
  }
}

/** The numbers of the errors, such as ` (3040)`. Their words are left out: whoever writes them may repeat what was sent. */
function codesOf(reply: Reply | undefined): string {
  const errors: readonly unknown[] = Array.isArray(reply?.errors) ? reply.errors : []
  const codes = errors.flatMap((error) => (isObject(error) && Number.isSafeInteger(error['code']) ? [Number(error['code'])] : []))
  return codes.length === 0 ? '' : ` (${codes.slice(0, 5).join(', ')})`
}

/** What the model wrote: newer models answer as chat completions do, older ones with `response` alone. */
function transcriptOf({ result }: Reply): string | undefined {
  if (!isObject(result)) return undefined
  if (typeof result.response === 'string') return result.response
  const choice: unknown = Array.isArray(result.choices) ? result.choices[0] : undefined
  const message = isObject(choice) ? choice['message'] : undefined
  const content = isObject(message) ? message['content'] : undefined
  return typeof content === 'string' ? content : undefined
}

const secondsOf = (retryAfter: string | null): number | undefined =>
  retryAfter !== null && /^\d{1,9}$/.test(retryAfter) ? Math.min(Number(retryAfter), LONGEST_WAIT_S) : undefined

/**
 * Reads pictures with the model `WORKERS_AI_MODEL` of the account at `WORKERS_AI_URL`, up to 5 MB of them.
 * Throws OcrUnavailable on any answer but a transcript (with `retryAfterS` where one was named), after 25 s, beyond 1 MB of
 * reply, and where it is not set up; none of its errors holds the token or anything that was answered.
 * Sources: https://developers.cloudflare.com/api/resources/ai/methods/run,
 * https://developers.cloudflare.com/workers-ai/models/gemma-4-26b-a4b-it and https://developers.cloudflare.com/workers-ai/platform/errors
 */
export class WorkersAiOcr implements Ocr {
  readonly engine = 'workers_ai'
  readonly #env: WorkersAiEnv
  readonly #timeoutMs: number

  constructor(env: WorkersAiEnv, timeoutMs: number = OCR_TIMEOUT_MS) {
    this.#env = env
    this.#timeoutMs = timeoutMs
  }

  recognise = async (bytes: Uint8Array, type: ImageType): Promise<Result<Recognised, OcrFault>> => {
    if (bytes.length > MAX_IMAGE_BYTES)
      return err({ reason: 'too_large', message: `The picture has ${bytes.length} bytes; at most ${MAX_IMAGE_BYTES} are read` })
    // A stopwatch, not a clock: what it shows is told and decides nothing.
    const begun = performance.now()
    const { status, retryAfter, body } = await this.#ask(bytes, type)
    const reply = replyOf(body)
    if (status === 413) return err({ reason: 'too_large', message: 'The picture is larger than Workers AI reads' })
    if (status !== 200 || reply === undefined || reply.success !== true)
      throw this.#down(`answered ${status}${codesOf(reply)}${reply === undefined ? ', and no JSON' : ''}`, secondsOf(retryAfter))
    const text = transcriptOf(reply)
    if (text === undefined) throw this.#down('answered without a text')
    const page = pageOfText(text.replaceAll(NO_TEXT, ''), this.engine)
    if (page.snippets.length === 0) return err({ reason: 'no_text', message: 'No text was found on the picture' })
    return ok({ page, ms: performance.now() - begun })
  }

  async #ask(bytes: Uint8Array, type: ImageType): Promise<Answer> {
    const { url, token } = this.#address()
    const image = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
    const signal = AbortSignal.timeout(this.#timeoutMs)
    const overdue = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('overdue')))
    })
    const asked = async (): Promise<Answer> => {
      const response = await fetch(url, {
        method: 'POST',
        // The token must not follow to wherever a redirect leads.
        redirect: 'manual',
        signal,
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', Accept: 'application/json' },
        body: questionOf(`data:${type};base64,${image}`),
      })
      return {
        status: response.status,
        retryAfter: response.headers.get('retry-after'),
        body: await boundedText(response, MAX_REPLY_BYTES),
      }
    }
    try {
      return await Promise.race([asked(), overdue])
    } catch (error) {
      // Without its cause: a runtime that refuses a header repeats it in its error.
      throw this.#down(signal.aborted ? `did not answer within ${this.#timeoutMs} ms` : `did not answer: ${failureOf(error)}`)
    }
  }

  #address(): { readonly url: string; readonly token: string } {
    const { ENVIRONMENT, WORKERS_AI_URL: base, WORKERS_AI_MODEL: model, WORKERS_AI_TOKEN: token = '' } = this.#env
    if (base === '' || model === '' || token === '')
      throw this.#down('is not set up: it takes WORKERS_AI_URL, WORKERS_AI_MODEL and the secret WORKERS_AI_TOKEN')
    const checked = checkOutgoingUrl(`${base.replace(/\/+$/, '')}/ai/run/${model}`, ENVIRONMENT === 'local')
    if ('fault' in checked) throw this.#down(`is not set up: WORKERS_AI_URL with WORKERS_AI_MODEL: ${checked.fault}`)
    return { url: checked.url, token: token.trim() }
  }

  #down(what: string, retryAfterS?: number): OcrUnavailable {
    return new OcrUnavailable(this.engine, what, retryAfterS)
  }
}

const failureOf = (error: unknown): string =>
  error instanceof Error && error.message === 'too long' ? `more than ${MAX_REPLY_BYTES} bytes` : 'the connection failed'

/** The body of the question, as both kinds of chat models take it. */
function questionOf(url: string): string {
  const content = [
    { type: 'text', text: PROMPT },
    { type: 'image_url', image_url: { url } },
  ]
  return JSON.stringify({
    messages: [{ role: 'user', content }],
    // Newer models know the first name, older ones the second, and without either these stop after 256.
    max_completion_tokens: MAX_TOKENS,
    max_tokens: MAX_TOKENS,
    temperature: 0,
    // To copy is nothing to think about.
    chat_template_kwargs: { enable_thinking: false },
  })
}
