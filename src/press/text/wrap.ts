// Breaking text into lines by measured width. Nothing is ever wider than its room: what can't be broken between words is
// broken between characters, and where lines are limited the last one ends in an ellipsis.

/** The width of a text in any unit. */
type WidthOf = (text: string) => number

const ELLIPSIS = '…'
/** Rounding of widths must not break a line that was measured to fit. */
const SLACK = 0.01
/** Scripts that are written without spaces: a line may end between any two characters of the first, between words of the second. */
const BREAKS_ANYWHERE = /[\p{Script=Han}\u3000-\u30ff\u31f0-\u31ff\uff00-\uffef]/u
const NEEDS_A_DICTIONARY = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
/** What must not begin a line, after a character between which and the next there may be a break. */
const CLOSES = /^[、。，．！？：；）」』】〉》％ー〕\p{Pe}\p{Pf},.!?:;%]/u

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
const words = new Intl.Segmenter('th', { granularity: 'word' })
const graphemesOf = (text: string): string[] => Array.from(graphemes.segment(text), ({ segment }) => segment)

/** The pieces between which a line may end; spaces stay at the end of their piece. */
function piecesOf(text: string): string[] {
  const pieces = text.match(/\s*[^\s/-]*[/-]*\s*/gu)?.filter((piece) => piece !== '') ?? []
  return pieces.flatMap((piece) => {
    if (BREAKS_ANYWHERE.test(piece)) return joinClosing(graphemesOf(piece))
    if (NEEDS_A_DICTIONARY.test(piece)) return joinClosing(Array.from(words.segment(piece), ({ segment }) => segment))
    return [piece]
  })
}

/** The width below which the text can't be wrapped without breaking a word. */
export const widestPiece = (text: string, widthOf: WidthOf): number => Math.max(0, ...piecesOf(text).map((piece) => widthOf(piece.trim())))

/** A closing mark, a space, and a letter after a letter of another script stay with what is before them. */
function joinClosing(pieces: readonly string[]): string[] {
  const joined: string[] = []
  for (const piece of pieces) {
    const before = joined.at(-1)
    const isWord = before !== undefined && /[\p{L}\p{N}]$/u.test(before) && /^[\p{L}\p{N}]/u.test(piece)
    const staysTogether = isWord && !BREAKS_ANYWHERE.test(before) && !BREAKS_ANYWHERE.test(piece) && !NEEDS_A_DICTIONARY.test(piece)
    if (before !== undefined && (CLOSES.test(piece) || /^\s/u.test(piece) || staysTogether)) joined[joined.length - 1] = before + piece
    else joined.push(piece)
  }
  return joined
}

/** As many characters of the text as fit, at least one. */
function fitting(text: string, width: number, widthOf: WidthOf): string {
  const characters = graphemesOf(text)
  let [low, high] = [1, characters.length]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (widthOf(characters.slice(0, middle).join('')) <= width + SLACK) low = middle
    else high = middle - 1
  }
  return characters.slice(0, low).join('')
}

/** The text, or as much of its beginning as fits with an ellipsis after it; the ellipsis alone where nothing does. */
export function shorten(text: string, width: number, widthOf: WidthOf): string {
  if (widthOf(text) <= width + SLACK) return text
  const start = fitting(text, width - widthOf(ELLIPSIS), widthOf).trimEnd() + ELLIPSIS
  return widthOf(start) <= width + SLACK ? start : ELLIPSIS
}

function wrapParagraph(text: string, width: number, widthOf: WidthOf): string[] {
  if (widthOf(text) <= width + SLACK) return [text]
  const lines: string[] = []
  let line = ''
  for (const piece of piecesOf(text)) {
    if (widthOf((line + piece).trimEnd()) <= width + SLACK) {
      line += piece
      continue
    }
    if (line.trim() !== '') lines.push(line.trimEnd())
    line = piece.trimStart()
    while (widthOf(line.trimEnd()) > width + SLACK) {
      const start = fitting(line, width, widthOf)
      if (start.length === line.length) break
      lines.push(start)
      line = line.slice(start.length)
    }
  }
  if (line.trim() !== '' || lines.length === 0) lines.push(line.trimEnd())
  return lines
}

/**
 * The lines of a text that is given so much width. Line breaks in it are kept; of more than `most` lines the last one is
 * shortened. A single character that is wider than the width still gets a line.
 */
export function wrap(text: string, width: number, widthOf: WidthOf, most = Infinity): string[] {
  const lines = text.split(/\r\n|[\n\r\u2028\u2029]/u).flatMap((paragraph) => wrapParagraph(paragraph, width, widthOf))
  if (lines.length <= most) return lines
  const last = `${lines[most - 1] ?? ''}${ELLIPSIS}`
  return [...lines.slice(0, most - 1), widthOf(last) <= width + SLACK ? last : shorten(last, width, widthOf)]
}
