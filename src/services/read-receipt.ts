// A picture of a receipt becomes a reading: an engine recognises the text, the domain makes sense of it, and a second
// engine is asked where the first one's sums do not bear it out. Who may see the receipt was asked before.
import { errorText } from '../domain/error-text.ts'
import type { FileType, ImageType } from '../domain/images/images.ts'
import { judgeAttempts, secondEngineAfter, type Attempt, type OcrFault } from '../domain/reading-plan.ts'
import type { OcrEngine } from '../domain/receipt/page.ts'
import { readPage } from '../domain/receipt/read-page.ts'
import type { Reading } from '../domain/receipt/reading.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Day } from '../domain/time.ts'
import { defaultEngine, ocrOf, type OcrEnv } from '../platform/ocr/engines.ts'
import { OcrUnavailable } from '../platform/ocr/ocr.ts'

interface ReceiptImage {
  readonly bytes: Uint8Array
  /** As its bytes say. */
  readonly type: FileType
  /** The reader's day: no receipt is from much later. */
  readonly today: Day
  /** Reads with this engine alone. */
  readonly engine?: OcrEngine
}

export interface ReceiptReading {
  readonly reading: Reading
  /** The engine whose total it is. */
  readonly engine: OcrEngine
  /** All that had a part in the reading, in the order in which they were asked. */
  readonly engines: readonly OcrEngine[]
  /** What recognising took, in milliseconds, all engines together. */
  readonly ms: number
  /** The most memory that an engine of ours had, in bytes. */
  readonly heapBytes?: number
}

/** What one engine came to, and what it cost. */
interface Tried {
  readonly attempt: Attempt
  readonly ms: number
  readonly heapBytes?: number
  readonly error?: OcrUnavailable
}

async function tryEngine(env: OcrEnv, engine: OcrEngine, bytes: Uint8Array, type: ImageType, today: Day): Promise<Tried> {
  try {
    const recognised = await ocrOf(env, engine).recognise(bytes, type)
    if (!recognised.ok) return { attempt: { engine, outcome: 'refused', fault: recognised.error }, ms: 0 }
    const { page, ms, heapBytes } = recognised.value
    const reading = readPage(page, { today })
    return { attempt: { engine, outcome: 'read', reading }, ms, ...(heapBytes !== undefined && { heapBytes }) }
  } catch (error) {
    if (!(error instanceof OcrUnavailable)) throw error
    // Told here, because another engine may well take over, and then nobody else would say so.
    console.error(JSON.stringify({ level: 'error', message: 'an engine did not read a receipt', engine, error: errorText(error) }))
    return { attempt: { engine, outcome: 'down' }, ms: 0, error }
  }
}

/**
 * Reads the picture with the engine that OCR_ENGINE names, and where that is not enough with a second one
 * (`secondEngineAfter`); with `engine` only that one is asked. The fault says what is wrong with the picture and is final.
 * Throws OcrUnavailable when no engine answered that could have read it: to be tried again.
 */
export async function readReceiptImage(
  env: OcrEnv,
  { bytes, type, today, engine }: ReceiptImage,
): Promise<Result<ReceiptReading, OcrFault>> {
  if (type === 'application/pdf') return err({ reason: 'unsupported', message: 'A PDF is kept with the expense, but not read' })
  const first = await tryEngine(env, engine ?? defaultEngine(env), bytes, type, today)
  const next = engine === undefined ? secondEngineAfter(first.attempt) : undefined
  const second = next && (await tryEngine(env, next, bytes, type, today))
  const verdict = judgeAttempts(first.attempt, second?.attempt)
  if (verdict.outcome === 'refused') return err(verdict.fault)
  if (verdict.outcome === 'down') throw first.error ?? second?.error ?? new Error('an engine was down without an error')
  const tried = [first, ...(second === undefined ? [] : [second])]
  const heaps = tried.flatMap(({ heapBytes }) => heapBytes ?? [])
  const { reading, engine: by, engines } = verdict
  const ms = tried.reduce((sum, one) => sum + one.ms, 0)
  return ok({ reading, engine: by, engines, ms, ...(heaps.length > 0 && { heapBytes: Math.max(...heaps) }) })
}
