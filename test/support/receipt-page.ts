// A receipt drawn with characters becomes what an engine would have seen: pieces of text with their places.
import type { Page, Snippet } from '../../src/domain/receipt/page.ts'

const CHARACTER = 12
const LINE = 28
const HEIGHT = 20

/** A piece for every stretch of text between gaps of two spaces or more. `slope` lets the lines climb, by pixels a pixel. */
export function pageOf(layout: string, { slope = 0 }: { slope?: number } = {}): Page {
  const lines = layout.replace(/^\n|\n\s*$/g, '').split('\n')
  const snippets = lines.flatMap((line, row) =>
    [...line.matchAll(/\S+(?: \S+)*/g)].map((match): Snippet => {
      const x = match.index * CHARACTER
      return { text: match[0], confidence: 0.98, x, y: row * LINE + slope * x, width: match[0].length * CHARACTER, height: HEIGHT }
    }),
  )
  const width = Math.max(1, ...lines.map((line) => line.length * CHARACTER))
  return { engine: 'paddle', width, height: Math.max(1, lines.length * LINE), snippets }
}
