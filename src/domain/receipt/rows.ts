// A line with everything that was seen in it: words, amounts, days and times, so that each rule reads the same line.
import { type Amount, type Spelling, scanAmounts } from './amounts.ts'
import { type PrintedClock, type PrintedDay, scanClocks, scanDays } from './dates.ts'
import type { Line } from './lines.ts'
import { type Mark, marksIn } from './marks.ts'
import type { Word } from './vocabulary.ts'

/** How well an amount must be written to count where nothing else speaks for it. */
export const SOUND = 0.5

export interface Row {
  readonly index: number
  readonly line: Line
  readonly text: string
  readonly marks: readonly Mark[]
  readonly amounts: readonly Amount[]
  readonly percents: readonly number[]
  readonly days: readonly PrintedDay[]
  readonly clocks: readonly PrintedClock[]
}

export type Words = ReadonlySet<Word>

export const hasAny = (words: Words, ...wanted: readonly Word[]): boolean => wanted.some((word) => words.has(word))

export const wordsOf = (marks: readonly Mark[]): Words => new Set(marks.map(({ word }) => word))

export function toRow(line: Line, index: number, spelling: Spelling): Row {
  const { text } = line
  const days = scanDays(text)
  const clocks = scanClocks(text)
  const { amounts, percents } = scanAmounts(text, spelling)
  const dated = [...days, ...clocks.filter(({ isVague }) => !isVague)]
  const free = amounts.filter(({ start, end }) => !dated.some((other) => start < other.end && other.start < end))
  return { index, line, text, marks: marksIn(text), amounts: free, percents, days, clocks }
}

const lettersIn = (text: string): number => text.match(/\p{L}/gu)?.length ?? 0

/** The amounts and their currencies blanked out, so that what is left are the words. */
export function labelOf({ text, amounts }: Row): string {
  let label = text
  for (const { start, end } of amounts.filter(({ quality }) => quality >= SOUND))
    label = label.slice(0, start) + ' '.repeat(end - start) + label.slice(end)
  return label
}

/** How much of the words of a line is known, from 0 to 1, and how many letters there are. */
export function coverageOf(row: Row): { share: number; letters: number } {
  const label = labelOf(row)
  const letters = lettersIn(label.replace(/\b(?:RM|MYR|EUR|USD|CHF)\b/g, ''))
  const known = row.marks.reduce((sum, { start, end }) => sum + lettersIn(label.slice(start, end)), 0)
  return { share: letters === 0 ? 0 : Math.min(1, known / letters), letters }
}
