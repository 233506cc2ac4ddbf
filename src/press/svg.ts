// Shapes as SVG. Letters are text, drawn in whatever fonts the reader has, or outlines from our own fonts, for a picture
// that looks the same everywhere.
import type { Shape, TextShape } from './shapes.ts'
import type { Compositor } from './text/compositor.ts'

interface Size {
  readonly width: number
  readonly height: number
}

const FONTS = "'Noto Sans', 'Noto Sans JP', 'Noto Sans SC', 'Noto Sans Arabic', 'Noto Sans Hebrew', 'Noto Emoji', Arial, sans-serif"
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(NOT_XML, '')
    .replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '')

const short = (value: number): string => String(Math.round(value * 100) / 100)

function textElement({ x, y, text, size, weight, fill, anchor }: TextShape): string {
  const bold = weight === 'bold' ? ' font-weight="700"' : ''
  const end = anchor === 'start' ? '' : ` text-anchor="${anchor}"`
  return `<text x="${short(x)}" y="${short(y)}" font-size="${short(size)}"${bold}${end} fill="${fill}">${escaped(text)}</text>`
}

/** The text as the outlines of its glyphs. */
function outlines(compositor: Compositor, shape: TextShape): string {
  const { size, fill } = shape
  const line = compositor.line(shape.text, shape.weight)
  const width = (line.width * size) / 1000
  let x = shape.x - (shape.anchor === 'end' ? width : shape.anchor === 'middle' ? width / 2 : 0)
  const paths: string[] = []
  for (const { face, shaped, isThickened } of line.runs) {
    const scale = size / face.font.unitsPerEm
    const stroke = isThickened ? ` stroke="${fill}" stroke-width="${face.font.unitsPerEm / 30}"` : ''
    for (const { glyph, advance, x: dx, y: dy } of shaped.glyphs) {
      const d = glyph.path.toSVG()
      const place = `translate(${short(x + (dx * size) / 1000)} ${short(shape.y - (dy * size) / 1000)}) scale(${scale} ${-scale})`
      if (d !== '') paths.push(`<path transform="${place}" d="${d}" fill="${fill}"${stroke}/>`)
      x += (advance * size) / 1000
    }
  }
  return paths.join('')
}

function element(shape: Shape, compositor: Compositor | undefined): string {
  switch (shape.kind) {
    case 'text':
      return compositor === undefined ? textElement(shape) : outlines(compositor, shape)
    case 'rect':
      return `<rect x="${short(shape.x)}" y="${short(shape.y)}" width="${short(shape.width)}" height="${short(shape.height)}" fill="${shape.fill}"/>`
    case 'line':
      return `<line x1="${short(shape.x1)}" y1="${short(shape.y1)}" x2="${short(shape.x2)}" y2="${short(shape.y2)}" stroke="${shape.stroke}" stroke-width="${shape.strokeWidth}"/>`
    case 'path': {
      const place =
        shape.x === undefined && shape.y === undefined ? '' : ` transform="translate(${short(shape.x ?? 0)} ${short(shape.y ?? 0)})"`
      const stroke =
        shape.stroke === undefined ? '' : ` stroke="${shape.stroke}" stroke-width="${shape.strokeWidth ?? 1}" stroke-linejoin="round"`
      const opacity = shape.opacity === undefined ? '' : ` opacity="${shape.opacity}"`
      return `<path d="${shape.d}"${place} fill="${shape.fill ?? 'none'}"${stroke}${opacity}/>`
    }
  }
}

/** `drawn` is the size in which the shapes were drawn; the picture shows them in `size`. With a compositor, letters become outlines. */
export function svgOf(shapes: readonly Shape[], drawn: Size, size: Size, title: string, compositor?: Compositor): string {
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${short(drawn.width)} ${short(drawn.height)}" role="img" font-family="${FONTS}">`
  const ground = `<rect width="100%" height="100%" fill="#ffffff"/>`
  return `${head}<title>${escaped(title)}</title>${ground}${shapes.map((shape) => element(shape, compositor)).join('')}</svg>`
}
