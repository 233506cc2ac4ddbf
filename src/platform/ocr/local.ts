// The engines that come with us, PP-OCR and Tesseract. They live in a Worker of their own (src/reader), because their
// memory would not fit beside the API's; this is the wire to it.
import { errorText } from '../../domain/error-text.ts'
import type { OcrFault } from '../../domain/reading-plan.ts'
import type { OcrEngine, Page } from '../../domain/receipt/page.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { OCR_TIMEOUT_MS, OcrUnavailable, type Ocr, type Recognised } from './ocr.ts'

export type LocalEngine = Exclude<OcrEngine, 'workers_ai'>

type Refused = { readonly ok: false; readonly error: OcrFault['reason']; readonly message: string }

/** What the Worker at the binding `READER` does. It throws where it failed, rather than the picture. */
export interface Reader {
  /** The text of a JPEG, PNG or WebP, put upright. One picture is read at a time, so this may wait for others. */
  readonly recognise: (
    bytes: Uint8Array,
    options: { readonly engine: LocalEngine },
  ) => Promise<({ readonly ok: true } & Recognised) | Refused>
}

/** Rejects when the time is over, so that a reader that hangs does not hold a job. */
function overdue(timeoutMs: number): { readonly promise: Promise<never>; readonly stop: () => void } {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`No answer within ${timeoutMs} ms`)), timeoutMs)
  return { promise, stop: () => clearTimeout(timer) }
}

export class LocalOcr implements Ocr {
  readonly engine: LocalEngine
  readonly #reader: Reader | undefined
  readonly #timeoutMs: number

  /** Without a reader every question throws. */
  constructor(engine: LocalEngine, reader: Reader | undefined, timeoutMs: number = OCR_TIMEOUT_MS) {
    this.engine = engine
    this.#reader = reader
    this.#timeoutMs = timeoutMs
  }

  recognise = async (bytes: Uint8Array): Promise<Result<Recognised, OcrFault>> => {
    if (this.#reader === undefined) throw new OcrUnavailable(this.engine, 'is not set up: there is no binding READER')
    const late = overdue(this.#timeoutMs)
    try {
      const answer = await Promise.race([this.#reader.recognise(bytes, { engine: this.engine }), late.promise])
      if (!answer.ok) return err({ reason: answer.error, message: answer.message })
      const { page, ms, heapBytes } = answer
      return ok({ page: copyOf(page), ms, ...(heapBytes !== undefined && { heapBytes }) })
    } catch (error) {
      throw new OcrUnavailable(this.engine, `did not answer: ${errorText(error)}`)
    } finally {
      late.stop()
    }
  }
}

/** The page alone: what comes over RPC carries the means to dispose of it, which nobody here would use. */
const copyOf = ({ engine, width, height, snippets }: Page): Page => ({ engine, width, height, snippets })
