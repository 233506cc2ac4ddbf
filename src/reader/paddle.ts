// PP-OCR: one model finds pieces of text, another one reads a piece. Neither minds a tilted page, so the picture stays as
// it is and the boxes are put level afterwards; a page on its side or its head is turned.
import type { Snippet } from '../domain/receipt/page.ts'
import { findBoxes, level, liesOnItsSide, tiltOf, type Box } from './boxes.ts'
import { alphabetOf, decodeCtc, type Reading } from './ctc.ts'
import { resize, sampleBox, type Gray } from './gray.ts'
import type { ReadModel } from './models.ts'
import { infer, onnxHeapBytes, openModels, type Model } from './onnx.ts'
import { turn } from '../pictures/turn.ts'
import type { Seen } from './seen.ts'
import { findStrips } from './strips.ts'

/** What detection looks at. Twice the pixels found no more of what receipts say, and took longer. */
const DETECTION = { pixels: 412_000, maxSide: 1600 }
/** What it looks at in one go, which decides how far the heap grows. */
const STRIP = { pixels: 226_000, overlap: 64 }
/** The model halves its input five times. */
const GRID = 32
/** Mean and deviation per colour of the pictures that detection was trained with. */
const MEAN = [0.485, 0.456, 0.406]
const DEVIATION = [0.229, 0.224, 0.225]
const RULES = { threshold: 0.3, minScore: 0.5, minPixels: 12, minHeight: 3, growth: 1.6 }
/** A picture of dashes has thousands. */
const MOST_BOXES = 300

const LINE_HEIGHT = 48
const LINE_WIDTH = { least: 16, most: 1200 }
/** Reading takes time by the width of what is read. A dense receipt has 22,000 in all; a hostile picture must not take minutes. */
const MOST_WIDTH_IN_ALL = 60_000
const LEAST_CONFIDENCE = 0.5
/** Upright text is read with 0.8 and more on average, text on its head with less than 0.5. */
const SURELY_UPRIGHT = 0.65
const PROBES = 5

interface Models {
  readonly detection: Model
  readonly recognition: Model
  readonly alphabet: readonly string[]
}

let loaded: Models | undefined

/** Called by one job at a time; nothing is kept of a job that was cancelled in the middle. */
async function loadModels(read: ReadModel): Promise<Models> {
  const [recognition, detection] = await openModels(['ch_PP-OCRv4_rec_infer.onnx', 'ch_PP-OCRv4_det_infer.onnx'], read)
  if (detection === undefined || recognition === undefined) throw new Error('two models were expected')
  return { detection, recognition, alphabet: alphabetOf(new TextDecoder().decode(await read('ppocr_keys_v1.txt'))) }
}

/** The input of a model: a plane for each of three colours, which are all the same gray. */
function planesOf(gray: Uint8Array, normalise: (value: number, plane: number) => number): Float32Array {
  const out = new Float32Array(3 * gray.length)
  for (let plane = 0; plane < 3; plane++) {
    const normal = Float32Array.from({ length: 256 }, (_, value) => normalise(value / 255, plane))
    for (let i = 0, at = plane * gray.length; i < gray.length; i++, at++) out[at] = normal[gray[i] ?? 0] ?? 0
  }
  return out
}

const onGrid = (side: number): number => Math.max(GRID, Math.round(side / GRID) * GRID)

async function detect({ detection }: Models, picture: Gray): Promise<Box[]> {
  const byPixels = Math.sqrt(DETECTION.pixels / (picture.width * picture.height))
  const scale = Math.min(1, byPixels, DETECTION.maxSide / Math.max(picture.width, picture.height))
  const [width, height] = [onGrid(picture.width * scale), onGrid(picture.height * scale)]
  const { data } = resize(picture, width, height)
  const map = new Float32Array(width * height)
  for (const strip of findStrips(height, Math.floor(STRIP.pixels / width / GRID) * GRID, STRIP.overlap)) {
    const rows = data.subarray(strip.top * width, strip.bottom * width)
    const input = planesOf(rows, (value, plane) => (value - (MEAN[plane] ?? 0)) / (DEVIATION[plane] ?? 1))
    const output = await infer(detection, input, [1, 3, strip.bottom - strip.top, width])
    map.set(output.data.subarray((strip.from - strip.top) * width, (strip.to - strip.top) * width), strip.from * width)
  }
  const boxes = findBoxes({ width, height, data: map }, picture.width / width, picture.height / height, RULES)
  return boxes.toSorted((a, b) => b.width * b.height - a.width * a.height).slice(0, MOST_BOXES)
}

function lineWidthOf({ width, height }: Box): number {
  return Math.min(LINE_WIDTH.most, Math.max(LINE_WIDTH.least, Math.round((LINE_HEIGHT * width) / height)))
}

async function readBox({ recognition, alphabet }: Models, picture: Gray, box: Box): Promise<Reading> {
  const width = lineWidthOf(box)
  const line = planesOf(sampleBox(picture, box, width, LINE_HEIGHT), (value) => value * 2 - 1)
  const { data, dims } = await infer(recognition, line, [1, 3, LINE_HEIGHT, width])
  return decodeCtc(data, dims[1] ?? 0, alphabet)
}

type ReadBox = (box: Box) => Promise<Reading>

/** Reads each box once, however often it is asked for. */
function readerOf(models: Models, picture: Gray): ReadBox {
  const readings = new Map<Box, Reading>()
  return async (box) => {
    const reading = readings.get(box) ?? (await readBox(models, picture, box))
    readings.set(box, reading)
    return reading
  }
}

async function confidenceOf(read: ReadBox, boxes: readonly Box[]): Promise<number> {
  let sum = 0
  for (const box of boxes) sum += (await read(box)).confidence
  return sum / boxes.length
}

/** The boxes, turned over where the page stands on its head: those that are the easiest to read tell. */
async function standUpright(read: ReadBox, boxes: readonly Box[]): Promise<readonly Box[]> {
  const probesOf = (some: readonly Box[]): Box[] => some.filter((box) => box.width > 3 * box.height).slice(0, PROBES)
  const probes = probesOf(boxes)
  if (probes.length === 0) return boxes
  const asIs = await confidenceOf(read, probes)
  if (asIs >= SURELY_UPRIGHT) return boxes
  const over = boxes.map((box) => ({ ...box, angle: box.angle + Math.PI }))
  return (await confidenceOf(read, probesOf(over))) > asIs ? over : boxes
}

/** The text on a picture. To be called by one job at a time. */
export async function recognisePaddle(original: Gray, readModel: ReadModel): Promise<Seen> {
  const models = (loaded ??= await loadModels(readModel))
  let picture = original
  let found = await detect(models, picture)
  if (liesOnItsSide(found)) {
    picture = { ...turn(picture, 1), channels: 1 }
    found = await detect(models, picture)
  }
  const read = readerOf(models, picture)
  const boxes = await standUpright(read, found)
  const tilt = tiltOf(boxes)
  const snippets: Snippet[] = []
  let widthInAll = 0
  for (const box of boxes) {
    widthInAll += lineWidthOf(box)
    if (widthInAll > MOST_WIDTH_IN_ALL) break
    const { text, confidence } = await read(box)
    if (text === '' || confidence < LEAST_CONFIDENCE) continue
    const { x, y, width, height } = level(box, tilt, picture)
    snippets.push({ text, confidence, x: x - width / 2, y: y - height / 2, width, height })
  }
  return { width: picture.width, height: picture.height, snippets, heapBytes: onnxHeapBytes() }
}
