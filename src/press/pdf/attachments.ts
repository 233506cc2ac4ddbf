// The files of an appendix as pages: pictures upright and scaled to the page, PDF pages as they are. What can't be shown
// gets a page that says so; one damaged file never spoils the document.
import { JpegEmbedder, PDFDocument, PDFObjectCopier, PDFPageEmbedder, type PDFContext, type PDFPage, type PDFRef } from '@cantoo/pdf-lib'
import type { Attachment } from '../../domain/document.ts'
import { cleanImage, sniff, type ImageType } from '../../domain/images/images.ts'
import { encodeJpeg } from '../../pictures/jpeg/encode.ts'
import { decodePicture } from '../../pictures/pictures.ts'
import { textBlock, type Kit } from '../page/blocks.ts'
import { PAGE, PAGE_WIDTH } from '../page/flow.ts'
import { INK, moved, textShape, type Shape } from '../shapes.ts'
import { embedPng } from './embedded-png.ts'
import { orientationOfJpeg, placement, type Orientation } from './orientation.ts'

/** A picture or a page, ready to be placed. */
interface Sheet {
  /** Nothing where the page is blank. */
  readonly ref: PDFRef | undefined
  readonly width: number
  readonly height: number
  readonly orientation: Orientation
  /** Pictures are one unit wide and high before they are placed, pages as large as they are. */
  readonly isUnit: boolean
}

/** Pictures of more bytes than that are made smaller: 220 dots an inch on a page are enough to read small print. */
const LARGE_BYTES = 1_000_000
const [LONGER_SIDE, QUALITY] = [1800, 80]
/** More pages than that of one file are left out. */
const MOST_PAGES = 50
const TOP = 78
/** A small picture is not blown up beyond this many points a pixel. */
const MOST_SCALE = 1.5
const QUARTERS: readonly Orientation[] = [1, 6, 3, 8]

/** What of a page is taken over: neither its links nor its scripts. */
const TAKEN = new Set(['Type', 'Parent', 'Contents', 'Resources', 'MediaBox', 'CropBox', 'Rotate'])

/**
 * Pages and pictures are put into the context here, not through the document: that would remember those that failed, and
 * fail again when it is saved.
 */
async function sheetsOfPdf({ context }: PDFDocument, bytes: Uint8Array): Promise<Sheet[]> {
  const source = await PDFDocument.load(bytes, { updateMetadata: false })
  const copier = PDFObjectCopier.for(source.context, context)
  const sheets: Sheet[] = []
  for (const page of source.getPages().slice(0, MOST_PAGES)) {
    const { x, y, width, height } = page.getCropBox()
    const quarter = ((Math.round(page.getRotation().angle / 90) % 4) + 4) % 4
    const isBlank = page.node.Contents() === undefined
    for (const key of page.node.keys()) if (!TAKEN.has(key.decodeText())) page.node.delete(key)
    const box = { left: x, bottom: y, right: x + width, top: y + height }
    const embedder = isBlank ? undefined : await PDFPageEmbedder.for(copier.copy(page.node), box)
    const ref = await embedder?.embedIntoContext(context)
    sheets.push({ ref, width, height, orientation: QUARTERS[quarter] ?? 1, isUnit: false })
  }
  return sheets
}

async function sheetOfJpeg({ context }: PDFDocument, bytes: Uint8Array): Promise<Sheet> {
  const embedder = await JpegEmbedder.for(bytes)
  const ref = await embedder.embedIntoContext(context)
  return { ref, width: embedder.width, height: embedder.height, orientation: orientationOfJpeg(bytes), isUnit: true }
}

/** The picture as a JPEG that is large enough for a page: what photographs have more than that is memory and nothing to see. */
async function sheetOfDecoded(document: PDFDocument, bytes: Uint8Array): Promise<Sheet> {
  const picture = await decodePicture(bytes, { gray: false, maxSide: LONGER_SIDE })
  return sheetOfJpeg(document, encodeJpeg(picture, QUALITY))
}

async function sheetOfPicture(document: PDFDocument, bytes: Uint8Array, type: ImageType): Promise<Sheet | 'broken'> {
  if (type === 'image/webp' || bytes.length > LARGE_BYTES) return sheetOfDecoded(document, bytes)
  const clean = cleanImage(bytes, type)
  if (!clean.ok) return 'broken'
  if (type === 'image/jpeg') return sheetOfJpeg(document, bytes)
  const plain = await embedPng(document, clean.value.bytes)
  return plain === undefined ? sheetOfDecoded(document, bytes) : { ...plain, orientation: 1, isUnit: true }
}

/** What there is to see in the file; a word where there is nothing. */
async function sheetsOf(document: PDFDocument, { bytes }: Attachment): Promise<readonly Sheet[] | 'broken' | 'unsupported'> {
  const type = sniff(bytes)
  if (type === undefined) return 'unsupported'
  try {
    if (type === 'application/pdf') return await sheetsOfPdf(document, bytes)
    const sheet = await sheetOfPicture(document, bytes, type)
    return sheet === 'broken' ? sheet : [sheet]
  } catch {
    // Whatever a parser finds wrong with someone's file, the rest of the document is right.
    return 'broken'
  }
}

function place(context: PDFContext, page: PDFPage, sheet: Sheet): void {
  if (sheet.ref === undefined) return
  const isTurned = sheet.orientation >= 5
  const [width, height] = isTurned ? [sheet.height, sheet.width] : [sheet.width, sheet.height]
  const room = { width: PAGE_WIDTH, height: PAGE.bottom - TOP }
  const scale = Math.min(MOST_SCALE, room.width / width, room.height / height)
  const box = { width: width * scale, height: height * scale }
  const x = PAGE.left + (room.width - box.width) / 2
  const matrix = placement(sheet.orientation, { ...box, x, y: PAGE.height - TOP - box.height })
  const [a, b, c, d, e, f] = matrix
  const [across, up] = sheet.isUnit ? [1, 1] : [sheet.width, sheet.height]
  const numbers = [a / across, b / across, c / up, d / up, e, f].map((value) => Number(value.toFixed(5)))
  const name = page.node.newXObject('Sheet', sheet.ref)
  page.node.addContentStream(context.register(context.flateStream(`q ${numbers.join(' ')} cm ${String(name)} Do Q`)))
}

/** What stands above a file: which it is of how many, and what it belongs to. */
function captionOf(kit: Kit, { name, caption }: Attachment, n: number, of: number): Shape[] {
  const title = kit.words.appendix
    .replace('{n}', String(n))
    .replace('{of}', String(of))
    .replace('{name}', () => name)
  const [first] = textBlock(kit, title, PAGE_WIDTH, { size: 9, leading: 12, weight: 'bold', fill: INK.strong, most: 1 }).shapes
  const second =
    caption === undefined ? [] : textBlock(kit, caption, PAGE_WIDTH, { size: 7.5, leading: 10, fill: INK.muted, most: 1 }).shapes
  return [...(first === undefined ? [] : [moved(first, PAGE.left, 49)]), ...second.map((shape) => moved(shape, PAGE.left, 61))]
}

/** A page of the appendix: what is to be painted over the picture that it shows, if any. */
export interface AppendixPage {
  readonly page: PDFPage
  readonly shapes: readonly Shape[]
}

/** Adds the pages of the files, one file after the other, so that no two are decoded at a time. */
export async function addAppendix(kit: Kit, document: PDFDocument, files: readonly Attachment[]): Promise<AppendixPage[]> {
  const added: AppendixPage[] = []
  for (const [i, file] of files.entries()) {
    const sheets = await sheetsOf(document, file)
    const caption = captionOf(kit, file, i + 1, files.length)
    if (typeof sheets === 'string' || sheets.length === 0) {
      const page = document.addPage([PAGE.width, PAGE.height])
      const said = sheets === 'unsupported' ? kit.words.unsupported : kit.words.broken
      added.push({ page, shapes: [...caption, textShape(said, PAGE.left, TOP + 30, 9, { fill: INK.muted })] })
      continue
    }
    for (const sheet of sheets) {
      const page = document.addPage([PAGE.width, PAGE.height])
      place(document.context, page, sheet)
      added.push({ page, shapes: caption })
    }
  }
  return added
}
