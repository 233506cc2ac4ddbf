// A font inside a PDF: only the glyphs that were written, with their widths and what they mean, so that text can be
// copied and searched. pdf-lib's own way of writing text forgets where marks stand, which Thai and Arabic need.
import type { Font, Glyph, Subset } from '@cantoo/fontkit'
import { PDFName, PDFString, type PDFContext, type PDFRef } from '@cantoo/pdf-lib'
import type { ShapedGlyph } from '../text/face.ts'

/** Flags of a font descriptor: symbolic, because glyphs are named by number alone. */
const SYMBOLIC = 4
/** The joiner: readers show the number of a glyph that stands for nothing, such as the dots of an Arabic letter. */
const NOTHING_SEEN = 0x200d

const hex = (value: number, digits = 4): string => value.toString(16).toUpperCase().padStart(digits, '0')

/** UTF-16, as maps to Unicode are written. */
export const utf16 = (codePoints: readonly number[]): string =>
  Array.from(String.fromCodePoint(...codePoints), (character) =>
    Array.from({ length: character.length }, (_, i) => hex(character.charCodeAt(i))).join(''),
  ).join('')

/** A name of the bytes: readers take fonts of one name for one font, and six letters before it mark a part of a font. */
function tagOf(bytes: Uint8Array): string {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return Array.from({ length: 6 }, (_, i) => String.fromCharCode(65 + (Math.floor(hash / 26 ** i) % 26))).join('')
}

/** A glyph that stands for certain characters; another that looks the same may stand for others. */
interface Used {
  readonly glyph: Glyph
  /** Its number in the part of the font that is embedded. */
  readonly at: number
}

export class EmbeddedFont {
  readonly name: string
  readonly ref: PDFRef
  readonly #font: Font
  readonly #subset: Subset
  /** By the number that is written for each; 0 is for what is missing. */
  readonly #used: Used[] = []
  readonly #numbers = new Map<string, number>()

  constructor(font: Font, name: string, context: PDFContext) {
    this.#font = font
    this.name = name
    this.ref = context.nextRef()
    this.#subset = font.createSubset()
  }

  /** The number by which the glyph is written. */
  use(glyph: Glyph): number {
    const key = `${glyph.id} ${glyph.codePoints.join(' ')}`
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const number = this.#used.push({ glyph, at: this.#subset.includeGlyph(glyph) })
    this.#numbers.set(key, number)
    return number
  }

  /** Whether the glyphs by themselves tell this text: where vowels stand before their consonants, they don't. */
  tells(glyphs: readonly ShapedGlyph[], text: string): boolean {
    return String.fromCodePoint(...glyphs.flatMap(({ glyph }) => glyph.codePoints)) === text
  }

  /** How far the pen moves by itself after the glyph, in thousandths. */
  advanceOf(glyph: Glyph): number {
    return Math.round((glyph.advanceWidth * 1000) / this.#font.unitsPerEm)
  }

  /** Writes the font, once everything is written with it. */
  embed(context: PDFContext): void {
    const file = this.#subset.encode()
    const scale = 1000 / this.#font.unitsPerEm
    const { bbox, ascent, descent, capHeight, italicAngle } = this.#font
    const name = `${tagOf(file)}+${this.#font.postscriptName ?? 'Font'}`
    const descriptor = context.register(
      context.obj({
        Type: 'FontDescriptor',
        FontName: name,
        Flags: SYMBOLIC,
        FontBBox: [bbox.minX, bbox.minY, bbox.maxX, bbox.maxY].map((value) => Math.round(value * scale)),
        ItalicAngle: italicAngle,
        Ascent: Math.round(ascent * scale),
        Descent: Math.round(descent * scale),
        CapHeight: Math.round((capHeight || ascent) * scale),
        StemV: 80,
        FontFile2: context.register(context.flateStream(file, { Length1: file.length })),
      }),
    )
    const descendant = context.register(
      context.obj({
        Type: 'Font',
        Subtype: 'CIDFontType2',
        BaseFont: name,
        CIDSystemInfo: { Registry: PDFString.of('Adobe'), Ordering: PDFString.of('Identity'), Supplement: 0 },
        FontDescriptor: descriptor,
        CIDToGIDMap: context.register(context.flateStream(this.#toGlyphs())),
        DW: 0,
        W: [1, this.#used.map(({ glyph }) => this.advanceOf(glyph))],
      }),
    )
    const type0 = context.obj({ Type: 'Font', Subtype: 'Type0', BaseFont: name, Encoding: 'Identity-H', DescendantFonts: [descendant] })
    type0.set(PDFName.of('ToUnicode'), context.register(context.flateStream(this.#toUnicode())))
    context.assign(this.ref, type0)
  }

  /** Two bytes for each number that is written. */
  #toGlyphs(): Uint8Array {
    const map = new Uint8Array(2 * (this.#used.length + 1))
    const view = new DataView(map.buffer)
    for (const [i, { at }] of this.#used.entries()) view.setUint16(2 * (i + 1), at)
    return map
  }

  #toUnicode(): string {
    const lines = this.#used.map(({ glyph: { codePoints } }, i) => {
      const meant = codePoints.length === 0 ? [NOTHING_SEEN] : codePoints
      return `<${hex(i + 1)}> <${utf16(meant)}>`
    })
    const blocks = Array.from({ length: Math.ceil(lines.length / 100) }, (_, i) => lines.slice(i * 100, i * 100 + 100))
    return [
      '/CIDInit /ProcSet findresource begin 12 dict begin begincmap',
      '/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def',
      '/CMapName /Adobe-Identity-UCS def /CMapType 2 def',
      '1 begincodespacerange <0000> <FFFF> endcodespacerange',
      ...blocks.map((block) => `${block.length} beginbfchar\n${block.join('\n')}\nendbfchar`),
      'endcmap CMapName currentdict /CMap defineresource pop end end',
    ].join('\n')
  }
}
