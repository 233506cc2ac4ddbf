// What Tesseract tells of a page: a table of tab-separated values, a row for each block, line and word.
import type { Snippet } from '../domain/receipt/page.ts'

const WORD_LEVEL = '5'

/** The words of a page in the engine's table of tab-separated values. */
export function wordsOf(table: string): Snippet[] {
  return table.split('\n').flatMap((row) => {
    const [level, , , , , , x, y, width, height, confidence, ...words] = row.split('\t')
    const text = words.join('\t').trim()
    if (level !== WORD_LEVEL || text === '') return []
    return [
      { text, confidence: Math.max(0, Number(confidence) / 100), x: Number(x), y: Number(y), width: Number(width), height: Number(height) },
    ]
  })
}
