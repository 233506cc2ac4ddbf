// What the engines make of a picture that somebody shows them: to try them out, and to measure how well they read.
import type { Ctx } from '../context.ts'
import { AppError } from '../domain/errors.ts'
import { sniff } from '../domain/images/images.ts'
import { OCR_ENGINES, type OcrFault } from '../domain/reading-plan.ts'
import { err, type Result } from '../domain/result.ts'
import { dayIn } from '../domain/time.ts'
import { readReceiptImage, type ReceiptReading } from './read-receipt.ts'

/** Reads the picture as an upload is read, or with the engine of that name alone. Throws `request.not_found` anywhere but locally. */
export async function readDevReceipt(ctx: Ctx, bytes: Uint8Array, engine?: string): Promise<Result<ReceiptReading, OcrFault>> {
  if (ctx.env.ENVIRONMENT !== 'local') throw new AppError('request.not_found')
  const named = OCR_ENGINES.find((one) => one === engine)
  const type = sniff(bytes)
  if (type === undefined) return err({ reason: 'unsupported', message: 'This is no JPEG, PNG or WebP' })
  return readReceiptImage(ctx.env, { bytes, type, today: dayIn('UTC', ctx.now), ...(named && { engine: named }) })
}
