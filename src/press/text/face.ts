// One loaded font: which characters it has, and text as glyphs with their places. Shaping is the costly part of a long
// document, but words repeat, so each is shaped once; of numbers, which don't, each sign is.
import { create, type Font, type Glyph } from '@cantoo/fontkit'

/** Where a glyph stands, in thousandths of the letter size: the pen moves by `advance`; `x` and `y` (upwards) move marks away from it. */
export interface ShapedGlyph {
  readonly glyph: Glyph
  readonly advance: number
  readonly x: number
  readonly y: number
}

/** Glyphs as they are drawn, from left to right, also where they are read from right to left. */
export interface Shaped {
  readonly glyphs: readonly ShapedGlyph[]
  readonly width: number
}

/** Above this the cache starts anew, so that an isolate does not grow with every document. */
const MOST_KEPT = 20_000
/** Letters don't depend on what is beyond a space or a figure, and figures not on their neighbours, unless they carry a mark. */
const WORDS = /[\s\d.,:/+-](?!\p{M})|[^\s\d.,:/+-]+|.\p{M}+/gu
const wordsOf = (text: string): readonly string[] => text.match(WORDS) ?? []

const NOTHING: Shaped = { glyphs: [], width: 0 }

/**
 * fontkit keeps one object for each glyph, with the characters that it stood for first. Arabic letters share strokes, so
 * the strokes of one letter would say that they are another, and text could not be copied or searched.
 */
function rememberNoGlyphs(font: Font): void {
  const kept = font as Font & { _glyphs: Record<number, Glyph> }
  const getGlyph = font.getGlyph.bind(font)
  font.getGlyph = (id, characters) => {
    delete kept._glyphs[id]
    return getGlyph(id, characters)
  }
}

export class Face {
  readonly file: string
  readonly font: Font
  readonly #scale: number
  readonly #words = new Map<string, Shaped>()

  constructor(file: string, bytes: Uint8Array) {
    const font = create(bytes)
    if (!('layout' in font)) throw new Error(`${file} holds more than one font`)
    this.file = file
    this.font = font
    rememberNoGlyphs(font)
    this.#scale = 1000 / font.unitsPerEm
  }

  has(codePoint: number): boolean {
    return this.font.hasGlyphForCodePoint(codePoint)
  }

  /** The text in one direction, which it is shaped in. */
  shape(text: string, isRightToLeft = false): Shaped {
    const words = wordsOf(text).map((word) => this.#word(word, isRightToLeft))
    if (words.length === 1) return words[0] ?? NOTHING
    if (isRightToLeft) words.reverse()
    return { glyphs: words.flatMap(({ glyphs }) => glyphs), width: words.reduce((sum, { width }) => sum + width, 0) }
  }

  /** The width of the same. */
  widthOf(text: string): number {
    let width = 0
    for (const word of wordsOf(text)) width += this.#word(word, false).width
    return width
  }

  #word(word: string, isRightToLeft: boolean): Shaped {
    const key = isRightToLeft ? `\u200f${word}` : word
    const known = this.#words.get(key)
    if (known !== undefined) return known
    if (this.#words.size >= MOST_KEPT) this.#words.clear()
    const shaped = this.#layOut(word, isRightToLeft)
    this.#words.set(key, shaped)
    return shaped
  }

  #layOut(text: string, isRightToLeft: boolean): Shaped {
    const run = this.font.layout(text, undefined, undefined, undefined, isRightToLeft ? 'rtl' : 'ltr')
    const glyphs = run.glyphs.map((glyph, i) => {
      const at = run.positions?.[i]
      return {
        glyph,
        advance: (at?.xAdvance ?? glyph.advanceWidth) * this.#scale,
        x: (at?.xOffset ?? 0) * this.#scale,
        y: (at?.yOffset ?? 0) * this.#scale,
      }
    })
    return { glyphs, width: glyphs.reduce((sum, { advance }) => sum + advance, 0) }
  }
}
