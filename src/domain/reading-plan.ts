// Which engines read a receipt, and what to make of it when they differ, fail or see nothing. A second reading costs
// seconds and is worth them where the first one is not borne out by its own sums.
import type { OcrEngine } from './receipt/page.ts'
import type { Reading } from './receipt/reading.ts'
import type { ReadingFault } from './receipt/receipt.ts'
import { reconcileReadings } from './receipt/reconcile.ts'

export const OCR_ENGINES = ['paddle', 'tesseract', 'workers_ai'] as const satisfies readonly OcrEngine[]

/**
 * Why a picture cannot be read, however often one tries:
 * - `corrupt`: it is no whole picture of its kind
 * - `unsupported`: it is of a kind that is not read
 * - `too_large`: it has more bytes or pixels than the engine takes
 * - `no_text`: there is nothing written on it that the engine sees
 */
export interface OcrFault {
  readonly reason: Exclude<ReadingFault, 'unavailable'>
  /** For the owner of the picture. */
  readonly message: string
}

/** What came of asking one engine. */
export type Attempt = { readonly engine: OcrEngine } & (
  | { readonly outcome: 'read'; readonly reading: Reading }
  | { readonly outcome: 'refused'; readonly fault: OcrFault }
  | { readonly outcome: 'down' }
)

export type Verdict =
  | {
      readonly outcome: 'read'
      readonly reading: Reading
      /** The engine whose total it is. */
      readonly engine: OcrEngine
      /** All that had a part in it, in the order in which they were asked. */
      readonly engines: readonly OcrEngine[]
    }
  | { readonly outcome: 'refused'; readonly fault: OcrFault }
  /** Nothing is known that would hold tomorrow: to be tried again. */
  | { readonly outcome: 'down' }

/** Engines err in different ways, so the second one is always of another kind than the first. */
const OTHER: Readonly<Record<OcrEngine, OcrEngine>> = { paddle: 'tesseract', tesseract: 'paddle', workers_ai: 'paddle' }

/** Below this a total or a day is as likely the engine's as the paper's. */
const SURE = 0.6

/** Whether the reading can stand alone. */
const isBorneOut = ({ isProved, total, date }: Reading): boolean =>
  isProved && (total?.confidence ?? 0) >= SURE && (date?.confidence ?? 0) >= SURE

/** Whether another engine would refuse the picture too: each sees different text, and the remote one takes fewer bytes. */
const isFinal = (engine: OcrEngine, { reason }: OcrFault): boolean =>
  reason !== 'no_text' && !(reason === 'too_large' && engine === 'workers_ai')

/** The engine to ask after the first one; undefined where it has said enough. */
export function secondEngineAfter(first: Attempt): OcrEngine | undefined {
  const isEnough =
    (first.outcome === 'read' && isBorneOut(first.reading)) || (first.outcome === 'refused' && isFinal(first.engine, first.fault))
  return isEnough ? undefined : OTHER[first.engine]
}

/**
 * What one attempt or two come to. Any reading counts more than a refusal, a refusal for good more than an engine that
 * was down, and that more than one that saw no text: the engine that was down might have seen some.
 */
export function judgeAttempts(first: Attempt, second?: Attempt): Verdict {
  const attempts = second === undefined ? [first] : [first, second]
  const [one, other] = attempts.filter((attempt) => attempt.outcome === 'read')
  if (one !== undefined && other !== undefined) {
    const reading = reconcileReadings(one.reading, other.reading)
    const isOfOther = reading.total?.value !== one.reading.total?.value && reading.total?.value === other.reading.total?.value
    return { outcome: 'read', reading, engine: (isOfOther ? other : one).engine, engines: [one.engine, other.engine] }
  }
  if (one !== undefined) return { outcome: 'read', reading: one.reading, engine: one.engine, engines: [one.engine] }
  const refusals = attempts.filter((attempt) => attempt.outcome === 'refused')
  const final = refusals.find(({ engine, fault }) => isFinal(engine, fault))
  // Of two the second: where the first took fewer bytes, it has seen the picture.
  const refusal = final ?? (refusals.length === attempts.length ? refusals.at(-1) : undefined)
  return refusal === undefined ? { outcome: 'down' } : { outcome: 'refused', fault: refusal.fault }
}
