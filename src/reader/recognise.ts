// From an uploaded file to the text on it: decode, put upright, read. What is wrong with a file is an answer, no exception.
import type { Page } from '../domain/receipt/page.ts'
import type { Gray } from './gray.ts'
import type { ReadModel } from './models.ts'
import { recognisePaddle } from './paddle.ts'
import { decodePicture, PictureError, type PictureRefusal } from '../pictures/pictures.ts'
import type { Seen } from './seen.ts'
import { recogniseTesseract } from './tesseract.ts'
import { oneAtATime } from '../platform/turnstile.ts'

export type LocalEngine = 'paddle' | 'tesseract'

export type Recognised =
  | {
      readonly ok: true
      readonly page: Page
      /** What decoding and recognising took, without the time of waiting for others. */
      readonly ms: number
      /** What the engine's WebAssembly memory has grown to. */
      readonly heapBytes: number
    }
  | { readonly ok: false; readonly error: PictureRefusal | 'no_text'; readonly message: string }

const ENGINES: Readonly<Record<LocalEngine, (picture: Gray, read: ReadModel) => Promise<Seen>>> = {
  paddle: recognisePaddle,
  tesseract: recogniseTesseract,
}

/** Enough for the small print of a long receipt; more would cost memory and read no better. */
const WANTED = { maxSide: 3200, maxPixels: 3_000_000, gray: true } as const

type Refused = Extract<Recognised, { ok: false }>

async function look(bytes: Uint8Array, engine: LocalEngine, read: ReadModel): Promise<Seen | Refused> {
  try {
    const picture: Gray = { ...(await decodePicture(bytes, WANTED)), channels: 1 }
    const seen = await ENGINES[engine](picture, read)
    return seen.snippets.length > 0 ? seen : { ok: false, error: 'no_text', message: 'No text was found on the picture' }
  } catch (error) {
    if (error instanceof PictureError) return { ok: false, error: error.reason, message: error.message }
    throw error
  }
}

/** The text in a JPEG, PNG or WebP. Throws only where the engine itself fails. */
export async function recognise(bytes: Uint8Array, engine: LocalEngine, read: ReadModel): Promise<Recognised> {
  let start = 0
  const seen = await oneAtATime(() => {
    start = performance.now()
    return look(bytes, engine, read)
  })
  if ('ok' in seen) return seen
  // Clocks stand still until something outside is awaited, which had better not be while others wait for us.
  await scheduler.wait(0)
  const { width, height, snippets, heapBytes } = seen
  return { ok: true, page: { engine, width, height, snippets }, ms: performance.now() - start, heapBytes }
}
