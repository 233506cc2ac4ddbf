// What we ask of a reader of pictures: the text on a receipt and where it stands. What is wrong with the picture is an
// answer, and final; what may pass is thrown, so that whoever asked tries again.
import type { ImageType } from '../../domain/images/images.ts'
import type { OcrFault } from '../../domain/reading-plan.ts'
import type { OcrEngine, Page } from '../../domain/receipt/page.ts'
import type { Result } from '../../domain/result.ts'
import { SECOND } from '../../domain/time.ts'

export interface Recognised {
  readonly page: Page
  /** What it took, in milliseconds. */
  readonly ms: number
  /** Of the engine's own memory, in bytes, where it has some of its own. */
  readonly heapBytes?: number
}

export interface Ocr {
  readonly engine: OcrEngine
  /** The text on the picture. Throws OcrUnavailable when the engine does not answer. */
  readonly recognise: (bytes: Uint8Array, type: ImageType) => Promise<Result<Recognised, OcrFault>>
}

/** An engine takes no longer than this, so that two of them end within the minute that a job is claimed for. */
export const OCR_TIMEOUT_MS = 25 * SECOND

/** The engine is down, busy, or not set up: the picture may be as good as any. */
export class OcrUnavailable extends Error {
  override readonly name = 'OcrUnavailable'
  readonly engine: OcrEngine
  /** How long it asked to be left alone, in seconds. */
  readonly retryAfterS: number | undefined

  constructor(engine: OcrEngine, what: string, retryAfterS?: number) {
    super(`${engine} ${what}`)
    this.engine = engine
    this.retryAfterS = retryAfterS
  }
}
