// Which engines there are, by name.
import { OCR_ENGINES } from '../../domain/reading-plan.ts'
import type { OcrEngine } from '../../domain/receipt/page.ts'
import type { Env } from '../../env.ts'
import { LocalOcr } from './local.ts'
import type { Ocr } from './ocr.ts'
import { WorkersAiOcr, type WorkersAiEnv } from './workers-ai.ts'

export type OcrEnv = WorkersAiEnv & Pick<Env, 'OCR_ENGINE' | 'READER'>

/** The engine of that name. Whether it is set up shows when it is asked. */
export const ocrOf = (env: OcrEnv, engine: OcrEngine): Ocr =>
  engine === 'workers_ai' ? new WorkersAiOcr(env) : new LocalOcr(engine, env.READER)

/** The engine that reads first, from the variable OCR_ENGINE: `paddle` where it is empty. Throws `Error` where there is no such engine. */
export function defaultEngine({ OCR_ENGINE: name }: Pick<Env, 'OCR_ENGINE'>): OcrEngine {
  const engine = OCR_ENGINES.find((one) => one === (name || 'paddle'))
  if (engine === undefined) throw new Error(`OCR_ENGINE must be one of ${OCR_ENGINES.join(', ')}`)
  return engine
}
