// Tesseract's LSTM engine: light and quick, and weaker than PP-OCR on photographs. The stretch from setting the picture
// to reading its text has no `await`, because the engine holds one picture: another job would read the wrong one.
import createCore, { type TesseractApi, type TesseractCore } from 'tesseract.js-core/tesseract-core-simd-lstm.js'
import engine from 'tesseract.js-core/tesseract-core-simd-lstm.wasm'
import type { Snippet } from '../domain/receipt/page.ts'
import { resize, sampleBox, type Gray } from './gray.ts'
import type { ReadModel } from './models.ts'
import { memoryOf } from './onnx.ts'
import { whiten } from './paper.ts'
import { turn, type Quarter } from '../pictures/turn.ts'
import type { Seen } from './seen.ts'
import { measureGrain } from './skew.ts'
import { wordsOf } from './words.ts'

const LSTM_ONLY = 1
const [ORIENTATION_UPRIGHT, NO_ANGLE] = [1, 0]
/** One block of text, as the engine calls it: looking for columns, it parts names from their amounts. */
const PAGE_LAYOUT = 6

/** Letters should be some 20 pixels high; most receipts are photographed smaller. */
const [PAGE_PIXELS, MOST_SCALE] = [2_000_000, 3]
const LEAST_TILT = Math.PI / 180
/** Pictures with more edges than this are noise, which takes the engine minutes. */
const MOST_EDGES = 0.13
/** Upright pages are read with more, turned ones with less; a page with few characters counts as unsure. */
const [SURELY_UPRIGHT, FEW_CHARACTERS] = [0.5, 20]
const SHORTEST_WORD = 3
const TURNS = [0, 2, 1, 3] as const
/** The middle of a smaller picture has too little text to tell. */
const SMALL_PIXELS = 300_000

interface Engine {
  readonly core: TesseractCore
  readonly api: TesseractApi
  readonly memory: WebAssembly.Memory
}

let started: Engine | undefined

/**
 * Starts the engine. Emscripten looks around for the kind of place it is in, synchronously, at the start of the factory:
 * Node's variables would make it read files, and for a worker it wants to know an address.
 */
async function createEngine(): Promise<{ core: TesseractCore; memory: WebAssembly.Memory }> {
  let memory: WebAssembly.Memory | undefined
  const surroundings = globalThis as { location?: unknown; process?: { type?: string } }
  const { location, process } = surroundings
  const type = process?.type
  if (process !== undefined) process.type = 'renderer'
  surroundings.location ??= { href: 'https://reader.invalid/' }
  try {
    const starting = createCore({
      instantiateWasm(imports, done) {
        const instance = new WebAssembly.Instance(engine, imports)
        memory = memoryOf(instance, imports)
        done(instance, engine)
        return instance.exports
      },
      print() {},
      printErr() {},
      TesseractProgress() {},
    })
    const core = await starting
    if (memory === undefined) throw new Error('the engine has no memory')
    return { core, memory }
  } finally {
    if (process !== undefined) {
      if (type === undefined) delete process.type
      else process.type = type
    }
    if (location === undefined) delete surroundings.location
  }
}

async function start(read: ReadModel): Promise<Engine> {
  const packed = new Blob([await read('eng.traineddata.gz')]).stream()
  const language = new Uint8Array(await new Response(packed.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer())
  const { core, memory } = await createEngine()
  core.FS.writeFile('eng.traineddata', language)
  const api = new core.TessBaseAPI()
  if (api.Init(null, 'eng', LSTM_ONLY) !== 0) throw new Error('the language could not be loaded')
  core.FS.unlink('eng.traineddata')
  return { core, api, memory }
}

/** PGM: the plainest format that the engine reads. */
function pgmOf({ width, height, data }: Gray): Uint8Array {
  const head = new TextEncoder().encode(`P5\n${width} ${height}\n255\n`)
  const file = new Uint8Array(head.length + data.length)
  file.set(head)
  file.set(data, head.length)
  return file
}

function readPage({ core, api }: Engine, page: Gray): Snippet[] {
  core.FS.writeFile('/input', pgmOf(page))
  try {
    if (api.SetImageFile(ORIENTATION_UPRIGHT, NO_ANGLE) !== 0) throw new Error('the engine does not take the picture')
    api.SetPageSegMode(PAGE_LAYOUT)
    api.SetVariable('user_defined_dpi', '300')
    api.Recognize(null)
    const snippets = wordsOf(api.GetTSVText(0))
    api.Clear()
    return snippets
  } catch (error) {
    // An engine that has aborted stays so: the next job starts another one.
    started = undefined
    throw error
  }
}

/** How sure the engine is of a page: mean confidence of its characters, from 0 to 1. Letters on their own count as none: so it reads lines that stand on end. */
function surenessOf(snippets: readonly Snippet[]): number {
  const characters = snippets.reduce((sum, { text }) => sum + text.length, 0)
  const words = snippets.filter(({ text }) => text.length >= SHORTEST_WORD)
  return words.reduce((sum, { text, confidence }) => sum + confidence * text.length, 0) / Math.max(characters, FEW_CHARACTERS)
}

/** The picture as the engine likes it: level, on white, and with letters of some size. */
function prepare(picture: Gray, tilt: number, pixels: number): Gray {
  const scale = Math.min(MOST_SCALE, Math.sqrt(pixels / (picture.width * picture.height)))
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)))
  return whiten(resize(picture, width ?? 1, height ?? 1, Math.abs(tilt) < LEAST_TILT ? 0 : tilt))
}

/** The middle of the picture, half as wide and half as high. */
function middleOf(picture: Gray): Gray {
  const [width, height] = [Math.ceil(picture.width / 2), Math.ceil(picture.height / 2)]
  const box = { x: picture.width / 2, y: picture.height / 2, width, height, angle: 0 }
  return { channels: 1, width, height, data: sampleBox(picture, box, width, height) }
}

/** The text on a picture. To be called by one job at a time. */
export async function recogniseTesseract(picture: Gray, read: ReadModel): Promise<Seen> {
  const engine = (started ??= await start(read))
  const readTurned = (some: Gray, quarters: Quarter, pixels: number): { page: Gray; snippets: Snippet[] } => {
    const turned: Gray = { ...turn(some, quarters), channels: 1 }
    const { tilt, edges } = measureGrain(turned)
    const page = prepare(turned, tilt, pixels)
    return { page, snippets: edges > MOST_EDGES ? [] : readPage(engine, page) }
  }
  // Text that is not upright takes many times as long as text that is, so which way is up is tried out on the middle alone.
  const middle = picture.width * picture.height < SMALL_PIXELS ? picture : middleOf(picture)
  let [up, most]: [Quarter, number] = [0, -1]
  for (const quarters of TURNS) {
    const sureness = surenessOf(readTurned(middle, quarters, PAGE_PIXELS / 4).snippets)
    if (sureness > most) [up, most] = [quarters, sureness]
    if (most >= SURELY_UPRIGHT) break
  }
  const likely = readTurned(picture, up, PAGE_PIXELS)
  // The middle of some pictures is empty, or cuts through the lines: then the whole has to tell.
  const isSure = up === 0 || Math.max(most, surenessOf(likely.snippets)) >= SURELY_UPRIGHT
  const asIs = isSure ? likely : readTurned(picture, 0, PAGE_PIXELS)
  const { page, snippets } = surenessOf(asIs.snippets) > surenessOf(likely.snippets) ? asIs : likely
  return { width: page.width, height: page.height, snippets, heapBytes: engine.memory.buffer.byteLength }
}
