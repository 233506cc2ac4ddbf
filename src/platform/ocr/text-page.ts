// A transcript as a page. A model that tells what is written does not tell where, so places are made up from lines and
// columns: each line a row, each stretch between wide gaps a piece, and the last of several flush with the right edge,
// as amounts are printed.
import type { OcrEngine, Page, Snippet } from '../../domain/receipt/page.ts'

const CHAR_WIDTH = 10
const CHAR_HEIGHT = 20
const LINE_PITCH = 30
/** In characters: tills print 32 to 48, and a page of an invoice has about 100. */
const [NARROWEST, WIDEST] = [32, 120]
/** A model that has lost its way says the same line until it is stopped. */
const [MOST_LINES, LONGEST_LINE] = [400, 200]
/** Models do not say how sure they are: less than certain, more than unsure. */
const CONFIDENCE = 0.85

const FENCE = /^\s*```[\w-]*\s*$/
const TABLE_ROW = /^\s*\|(.*)\|\s*$/
const TABLE_RULE = /^[\s|:-]*-{3}[\s|:-]*$/
/** Not the asterisks that hide the digits of a card. */
const BOLD = /(?<!\*)\*\*(?![\s*])([^*]+)(?<!\s)\*\*(?!\*)/g

interface Cell {
  readonly text: string
  /** In characters from the left. */
  readonly at: number
}

/** Lines without the dress of Markdown, which models put on although they are asked not to. */
function plainLines(text: string): string[] {
  return text
    .slice(0, MOST_LINES * LONGEST_LINE)
    .split(/\r\n?|\n/)
    .slice(0, MOST_LINES)
    .map((line) => line.slice(0, LONGEST_LINE))
    .filter((line) => !FENCE.test(line) && !(line.includes('|') && TABLE_RULE.test(line)))
    .map((line) => (TABLE_ROW.exec(line)?.[1]?.replaceAll('|', '   ') ?? line).replaceAll('\t', '    ').replace(BOLD, '$1'))
    .map((line) => line.replace(/[\p{Cc}\p{Cf}]/gu, '').trimEnd())
}

const cellsOf = (line: string): Cell[] => [...line.matchAll(/\S+(?: \S+)*/g)].map((match) => ({ text: match[0], at: match.index }))

/** From left to right without touching: a made-up place must not lie over another one. */
function placed(cells: readonly Cell[], width: number): Cell[] {
  const last = cells.at(-1)
  if (cells.length < 2 || last === undefined) return [...cells]
  return [...cells.slice(0, -1), { text: last.text, at: Math.max(last.at, width - last.text.length) }]
}

/** The transcript as a page whose pixels are made up. It has no pieces where there is no text. */
export function pageOfText(text: string, engine: OcrEngine): Page {
  const rows = plainLines(text).map(cellsOf)
  const ends = rows.map((cells) => (cells.at(-1)?.at ?? 0) + (cells.at(-1)?.text.length ?? 0))
  const width = Math.min(WIDEST, Math.max(NARROWEST, ...ends))
  const snippets = rows.flatMap((cells, line) =>
    placed(cells, width).map((cell): Snippet => ({
      text: cell.text,
      confidence: CONFIDENCE,
      x: cell.at * CHAR_WIDTH,
      y: line * LINE_PITCH,
      width: cell.text.length * CHAR_WIDTH,
      height: CHAR_HEIGHT,
    })),
  )
  const right = Math.max(width * CHAR_WIDTH, ...snippets.map((snippet) => snippet.x + snippet.width))
  return { engine, width: right, height: Math.max(1, rows.length) * LINE_PITCH, snippets }
}
