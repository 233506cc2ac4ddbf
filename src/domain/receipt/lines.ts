// Pieces of text become lines: from top to bottom, each from left to right, whatever order the engine gave them in and
// although the paper lies a little askew. Work is bounded: an engine that sees ten thousand pieces saw no receipt.
import type { Page, Snippet } from './page.ts'

const MOST_SNIPPETS = 2000
const MOST_ROWS = 150
const LONGEST_TEXT = 120
/** How far a line may climb over its length: about 5 degrees. */
const STEEPEST = 0.09
const SLOPES = Array.from({ length: 46 }, (_, i) => (i % 2 === 0 ? 1 : -1) * Math.ceil(i / 2) * (STEEPEST / 23))

const LONGEST_LINE = 240

export interface Line {
  /** The pieces with a space between them, two where a gap tells a column; at most 240 characters. */
  readonly text: string
  readonly snippets: readonly Snippet[]
  /** Where each piece begins in the text. */
  readonly starts: readonly number[]
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  /** Of the tallest piece, in pixels. */
  readonly height: number
  /** Of the least certain piece, from 0 to 1. */
  readonly confidence: number
}

interface Placed {
  readonly snippet: Snippet
  /** The middle, after the slope of the page was taken out. */
  readonly middle: number
}

const isSound = ({ text, x, y, width, height }: Snippet): boolean =>
  /\S/.test(text) && [x, y, width, height].every(Number.isFinite) && width > 0 && height > 0

function soundSnippets(page: Page): Snippet[] {
  const sound: Snippet[] = []
  for (const snippet of page.snippets) {
    if (sound.length === MOST_SNIPPETS) break
    // Recognisers that know Chinese give the wide forms of signs; dots only lead the eye to an amount.
    const text = snippet.text
      .slice(0, LONGEST_TEXT)
      .toWellFormed()
      .replace(/[\uff01-\uff5e]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0))
      .replace(/[\s\p{Cc}\p{Cf}·•]+/gu, ' ')
      .replace(/[.·…_]{4,}/g, ' ')
      .replaceAll('×', 'x')
      .trim()
    const tidy = { ...snippet, text, confidence: Math.min(1, Math.max(0, snippet.confidence || 0)) }
    if (isSound(tidy)) sound.push(tidy)
  }
  return sound
}

const medianOf = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

/** How many pieces the slope is taken from: more would not change it. */
const MOST_SAMPLED = 300

/**
 * The slope at which most pieces stand beside another. Flat is likely, for the picture was put upright before: with a
 * slope of one line over the width of the paper each name would stand beside the next one's amount just as well.
 */
function slopeOf(snippets: readonly Snippet[]): number {
  const every = Math.ceil(snippets.length / MOST_SAMPLED)
  const sampled = snippets.filter((_, at) => at % every === 0).map(({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 }))
  const reach = Math.max(1, medianOf(snippets.map(({ height }) => height)) * 0.5)
  let best = { slope: 0, score: -1 }
  for (const slope of SLOPES) {
    const middles = sampled.map(({ x, y }) => y - slope * x).sort((a, b) => a - b)
    let score = 0
    for (let i = 0; i < middles.length; i++) {
      for (let j = i + 1; j < middles.length; j++) {
        const apart = (middles[j] ?? 0) - (middles[i] ?? 0)
        if (apart >= reach) break
        score += 1 - apart / reach
      }
    }
    score *= 1 - Math.abs(slope) * 3
    if (score > best.score) best = { slope, score }
  }
  return best.slope
}

/** How much of the lower one of two pieces lies beside the other: 1 for all of it. */
function overlapOf(one: Placed, other: Placed): number {
  const [a, b] = [one.snippet.height / 2, other.snippet.height / 2]
  const shared = Math.min(one.middle + a, other.middle + b) - Math.max(one.middle - a, other.middle - b)
  return shared / (2 * Math.min(a, b))
}

function collides(one: Snippet, other: Snippet): boolean {
  const shared = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x)
  return shared > 0.3 * Math.min(one.width, other.width)
}

/** How well a piece fits a row, by its nearest neighbour there: a row may sag towards the edge of the paper. */
function fitOf(piece: Placed, row: readonly Placed[]): number {
  let nearest: Placed | undefined
  let gap = Infinity
  for (const other of row) {
    if (collides(piece.snippet, other.snippet)) return 0
    const between = Math.max(
      other.snippet.x - piece.snippet.x - piece.snippet.width,
      piece.snippet.x - other.snippet.x - other.snippet.width,
    )
    if (between < gap) [nearest, gap] = [other, between]
  }
  return nearest === undefined ? 0 : overlapOf(piece, nearest)
}

function rowsOf(snippets: readonly Snippet[]): Placed[][] {
  const slope = slopeOf(snippets)
  const placed = snippets
    .map((snippet) => ({ snippet, middle: snippet.y + snippet.height / 2 - slope * (snippet.x + snippet.width / 2) }))
    .sort((a, b) => a.middle - b.middle)
  const rows: Placed[][] = []
  for (const piece of placed) {
    let best: { row: Placed[]; fit: number } | undefined
    // Rows come from top to bottom, so only the last few can still be beside the piece.
    for (const row of rows.slice(-8)) {
      const fit = fitOf(piece, row)
      if (fit >= 0.5 && fit > (best?.fit ?? 0)) best = { row, fit }
    }
    if (best === undefined) rows.push([piece])
    else best.row.push(piece)
  }
  return rows
}

function toLine(row: readonly Placed[]): Line {
  const snippets = row.map(({ snippet }) => snippet).sort((a, b) => a.x - b.x)
  const starts: number[] = []
  let text = ''
  let end = 0
  for (const { x, width, height, text: piece } of snippets) {
    if (text !== '') text += x - end > height * 0.9 ? '  ' : ' '
    starts.push(text.length)
    text += piece
    end = x + width
  }
  return {
    text: text.slice(0, LONGEST_LINE).toWellFormed(),
    snippets,
    starts,
    left: Math.min(...snippets.map(({ x }) => x)),
    right: Math.max(...snippets.map(({ x, width }) => x + width)),
    top: Math.min(...snippets.map(({ y }) => y)),
    bottom: Math.max(...snippets.map(({ y, height }) => y + height)),
    height: Math.max(...snippets.map(({ height }) => height)),
    confidence: Math.min(...snippets.map(({ confidence }) => confidence)),
  }
}

/** The lines of a page from top to bottom. Pieces without text or with a box that is no box are left out. */
export function linesOf(page: Page): Line[] {
  const rows = rowsOf(soundSnippets(page))
  // The head and the sums are what matters of a receipt that is longer than any.
  const kept = rows.length > 2 * MOST_ROWS ? [...rows.slice(0, MOST_ROWS), ...rows.slice(-MOST_ROWS)] : rows
  return kept.map(toLine)
}

/** About where a character of the line's text stands on the page, in pixels from the left. */
export function xOf(line: Line, index: number): number {
  let at = 0
  while (at + 1 < line.starts.length && (line.starts[at + 1] ?? 0) <= index) at++
  const snippet = line.snippets[at]
  if (snippet === undefined) return line.left
  const share = (index - (line.starts[at] ?? 0)) / Math.max(1, snippet.text.length)
  return snippet.x + snippet.width * Math.min(1, share)
}

/** The height of the piece that a character of the line's text stands in. */
export function heightAt(line: Line, index: number): number {
  const at = line.starts.findLastIndex((start) => start <= index)
  return line.snippets[at]?.height ?? line.height
}
