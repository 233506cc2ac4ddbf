// Text of any scripts as runs of one font each, in the order in which they are drawn (Unicode's bidirectional algorithm).
// A character that no font has is drawn as `�`: visible, never nothing.
import bidiFactory from 'bidi-js'
import type { Face, Shaped } from './face.ts'
import { filesFor, type Weight } from './faces.ts'
import type { Shelf } from './shelf.ts'

export interface Run {
  readonly face: Face
  /** What the glyphs say, where it is read in the order in which they stand. */
  readonly text: string | undefined
  readonly shaped: Shaped
  /** Bold is wanted and the face has none: its strokes are drawn thicker. */
  readonly isThickened: boolean
}

/** A line: its runs from left to right; the width in thousandths of the letter size. */
export interface Line {
  readonly runs: readonly Run[]
  readonly width: number
}

/** How wide a text is in points when it is written in this size. */
export type Measure = (text: string, size: number, weight?: Weight) => number

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/u
/** Joiners, selectors and marks of direction: they change others and are nothing themselves. */
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/u
/** Those of them that do nothing to their neighbours. */
const UNSEEN = /[\u00ad\u200b\u200e\u200f\u061c\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/gu
const CONTROL = /\p{Cc}/gu
const PLAIN = /^[\x20-\x7e\u00a0-\u00ac\u00ae-\u017f]*$/
const MISSING = '\ufffd'
const MOST_KEPT = 20_000

const bidi = bidiFactory()

/** The text in one line: lone surrogates replaced, control characters as spaces. */
const cleaned = (text: string): string => (PLAIN.test(text) ? text : text.toWellFormed().replaceAll(CONTROL, ' '))

interface Stretch {
  readonly text: string
  readonly isRightToLeft: boolean
}

/** Stretches of one direction, from left to right. */
function stretchesOf(text: string): Stretch[] {
  if (!RIGHT_TO_LEFT.test(text)) return [{ text, isRightToLeft: false }]
  const embedding = bidi.getEmbeddingLevels(text)
  const order = bidi.getReorderedIndices(text, embedding)
  const mirrored = bidi.getMirroredCharactersMap(text, embedding.levels)
  const stretches: { isRightToLeft: boolean; from: number; to: number }[] = []
  for (const at of order) {
    const isRightToLeft = (embedding.levels[at] ?? 0) % 2 === 1
    const last = stretches.at(-1)
    if (last !== undefined && last.isRightToLeft === isRightToLeft && at === (isRightToLeft ? last.from - 1 : last.to + 1))
      last[isRightToLeft ? 'from' : 'to'] = at
    else stretches.push({ isRightToLeft, from: at, to: at })
  }
  return stretches.map(({ isRightToLeft, from, to }) => ({
    isRightToLeft,
    text: Array.from({ length: to - from + 1 }, (_, i) => mirrored.get(from + i) ?? text[from + i] ?? '').join(''),
  }))
}

export class Compositor {
  readonly #shelf: Shelf
  readonly #isChinese: boolean
  readonly #graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
  readonly #lines = new Map<string, Line>()

  constructor(shelf: Shelf, isChinese: boolean) {
    this.#shelf = shelf
    this.#isChinese = isChinese
  }

  measure: Measure = (text, size, weight = 'regular') => {
    const width = PLAIN.test(text) ? this.#shelf.base(weight).widthOf(text) : this.line(text, weight).width
    return (width * size) / 1000
  }

  /** The text as one line; what it holds was named to the shelf before. */
  line(text: string, weight: Weight): Line {
    if (PLAIN.test(text)) {
      const shaped = this.#shelf.base(weight).shape(text)
      return { runs: [{ face: this.#shelf.base(weight), text, shaped, isThickened: false }], width: shaped.width }
    }
    const key = weight === 'bold' ? `\u0001${text}` : text
    const known = this.#lines.get(key)
    if (known !== undefined) return known
    if (this.#lines.size >= MOST_KEPT) this.#lines.clear()
    const runs = stretchesOf(cleaned(text)).flatMap((stretch) => this.#runsOf(stretch, weight))
    const line = { runs, width: runs.reduce((sum, run) => sum + run.shaped.width, 0) }
    this.#lines.set(key, line)
    return line
  }

  #runsOf({ text, isRightToLeft }: Stretch, weight: Weight): Run[] {
    const base = this.#shelf.base(weight)
    const pieces: { face: Face; text: string }[] = []
    for (const { segment } of this.#graphemes.segment(text.replaceAll(UNSEEN, ''))) {
      const piece = this.#pieceOf(segment, base)
      const last = pieces.at(-1)
      if (last?.face === piece.face) last.text += piece.text
      else pieces.push(piece)
    }
    if (isRightToLeft) pieces.reverse()
    return pieces.map((piece) => ({
      face: piece.face,
      text: isRightToLeft ? undefined : piece.text,
      shaped: piece.face.shape(piece.text, isRightToLeft),
      isThickened: weight === 'bold' && piece.face !== base,
    }))
  }

  /** A character in a face that has it; in plainer form where none has (𝐉 is J), and as a sign for what is missing at last. */
  #pieceOf(grapheme: string, base: Face): { face: Face; text: string } {
    const face = this.#faceFor(grapheme, base)
    if (face !== undefined) return { face, text: grapheme }
    const plain = grapheme.normalize('NFKC')
    const other = plain === grapheme ? undefined : this.#faceFor(plain, base)
    return other === undefined ? { face: base, text: MISSING } : { face: other, text: plain }
  }

  /** The first face that has all of a character as people see it, with its marks. */
  #faceFor(grapheme: string, base: Face): Face | undefined {
    const characters = Array.from(grapheme).filter((one) => !IGNORABLE.test(one))
    const codePoints = characters.map((one) => one.codePointAt(0) ?? 0)
    const hasAll = (face: Face | undefined): face is Face => face !== undefined && codePoints.every((one) => face.has(one))
    if (hasAll(base)) return base
    const files = characters.flatMap((one) => filesFor(one, this.#isChinese))
    return files.map((file) => this.#shelf.find(file)).find(hasAll)
  }
}
