// Shapes as the content of a PDF page. A page's zero is at its upper left here: the first operator turns it over, and
// letters are turned back.
import { PDFName, type PDFContext, type PDFDocument, type PDFPage } from '@cantoo/pdf-lib'
import { pdfPath } from '../path.ts'
import type { Shape, TextShape } from '../shapes.ts'
import type { Face, ShapedGlyph } from '../text/face.ts'
import type { Compositor } from '../text/compositor.ts'
import { EmbeddedFont, utf16 } from './embedded-font.ts'

const short = (value: number): string => String(Math.round(value * 100) / 100)
const hex4 = (value: number): string => value.toString(16).padStart(4, '0')

const rgb = (colour: string): string => [1, 3, 5].map((at) => short(Number.parseInt(colour.slice(at, at + 2), 16) / 255)).join(' ')

export class Painter {
  readonly #context: PDFContext
  readonly #compositor: Compositor
  readonly #fonts = new Map<Face, EmbeddedFont>()
  readonly #opacities = new Map<number, string>()

  constructor(document: PDFDocument, compositor: Compositor) {
    this.#context = document.context
    this.#compositor = compositor
  }

  /** Draws on the page, over what is there. */
  paint(page: PDFPage, shapes: readonly Shape[]): void {
    const used = new Set<EmbeddedFont>()
    const content = [`q 1 0 0 -1 0 ${short(page.getHeight())} cm`, ...shapes.map((shape) => this.#operators(shape, used)), 'Q']
    page.node.addContentStream(this.#context.register(this.#context.flateStream(content.join('\n'))))
    for (const font of used) page.node.setFontDictionary(PDFName.of(font.name), font.ref)
    for (const [opacity, name] of this.#opacities)
      if (shapes.some((shape) => shape.kind === 'path' && shape.opacity === opacity))
        page.node.setExtGState(PDFName.of(name), this.#context.obj({ Type: 'ExtGState', ca: opacity, CA: opacity }))
  }

  /** Writes the fonts into the document, after the last page. */
  finish(): void {
    for (const font of this.#fonts.values()) font.embed(this.#context)
  }

  #operators(shape: Shape, used: Set<EmbeddedFont>): string {
    switch (shape.kind) {
      case 'text':
        return this.#text(shape, used)
      case 'rect':
        return `${rgb(shape.fill)} rg ${[shape.x, shape.y, shape.width, shape.height].map(short).join(' ')} re f`
      case 'line':
        return `${rgb(shape.stroke)} RG ${shape.strokeWidth} w ${short(shape.x1)} ${short(shape.y1)} m ${short(shape.x2)} ${short(shape.y2)} l S`
      case 'path': {
        const opacity = shape.opacity === undefined ? '' : `/${this.#opacityName(shape.opacity)} gs `
        const fill = shape.fill === undefined ? '' : `${rgb(shape.fill)} rg `
        const stroke = shape.stroke === undefined ? '' : `${rgb(shape.stroke)} RG ${shape.strokeWidth ?? 1} w 1 j `
        const end = shape.fill === undefined ? 'S' : shape.stroke === undefined ? 'f' : 'B'
        return `q ${opacity}1 0 0 1 ${short(shape.x ?? 0)} ${short(shape.y ?? 0)} cm ${fill}${stroke}\n${pdfPath(shape.d)}\n${end} Q`
      }
    }
  }

  #opacityName(opacity: number): string {
    const name = this.#opacities.get(opacity) ?? `G${this.#opacities.size + 1}`
    this.#opacities.set(opacity, name)
    return name
  }

  #fontOf(face: Face): EmbeddedFont {
    const known = this.#fonts.get(face)
    if (known !== undefined) return known
    const font = new EmbeddedFont(face.font, `F${this.#fonts.size + 1}`, this.#context)
    this.#fonts.set(face, font)
    return font
  }

  #text({ x, y, text, size, weight, fill, anchor }: TextShape, used: Set<EmbeddedFont>): string {
    const line = this.#compositor.line(text, weight)
    const width = (line.width * size) / 1000
    let at = x - (anchor === 'end' ? width : anchor === 'middle' ? width / 2 : 0)
    const parts = line.runs.map(({ face, text: said, shaped, isThickened }) => {
      const font = this.#fontOf(face)
      used.add(font)
      const start = `/${font.name} ${short(size)} Tf 1 0 0 -1 ${short(at)} ${short(y)} Tm`
      at += (shaped.width * size) / 1000
      // Mode 2 strokes the letters as well as it fills them.
      const thick = isThickened ? `${rgb(fill)} RG ${short(size / 30)} w 2 Tr` : '0 Tr'
      const shown = `${thick} ${start} ${showGlyphs(font, shaped.glyphs, size)}`
      if (said === undefined || font.tells(shaped.glyphs, said)) return shown
      const actual = utf16(Array.from(said, (character) => character.codePointAt(0) ?? 0))
      return `/Span <</ActualText <FEFF${actual}>>> BDC ${shown} EMC`
    })
    return `BT ${rgb(fill)} rg ${parts.join('\n')} ET`
  }
}

/**
 * Operators that show glyphs where shaping put them: numbers between them are how far the pen goes back, in thousandths,
 * and `Ts` lifts a mark.
 */
function showGlyphs(font: EmbeddedFont, glyphs: readonly ShapedGlyph[], size: number): string {
  const operators: string[] = []
  let [parts, codes, rise, owed] = ['', '', 0, 0]
  const flush = (): void => {
    if (codes !== '') parts += `<${codes}>`
    codes = ''
  }
  const show = (): void => {
    flush()
    if (parts !== '') operators.push(`[${parts}] TJ`)
    parts = ''
  }
  for (const { glyph, advance, x, y } of glyphs) {
    if (y !== rise) {
      show()
      operators.push(`${short((y * size) / 1000)} Ts`)
      rise = y
    }
    const back = Math.round(owed - x)
    if (back !== 0) {
      flush()
      parts += back
    }
    codes += hex4(font.use(glyph))
    owed += font.advanceOf(glyph) - advance - back
  }
  show()
  if (rise !== 0) operators.push('0 Ts')
  return operators.join(' ')
}
