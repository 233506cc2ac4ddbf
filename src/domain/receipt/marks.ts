// Finds the words of `vocabulary.ts` in a line: glued together, with a letter misread, with a digit for a letter.
import { PHRASE_LIST, type Word } from './vocabulary.ts'

export interface Mark {
  readonly word: Word
  /** Where it stands in the line's text; the end is exclusive. */
  readonly start: number
  readonly end: number
}

const LONGEST_LINE = 160
const LOOKALIKES: Readonly<Record<string, string>> = { '0': 'O', '1': 'I', '5': 'S', '8': 'B', '6': 'G', '|': 'I', '!': 'I' }

/** Capitals without accents; each character of the result stands for the one at its place in the text. */
export function fold(text: string): string {
  let folded = ''
  for (const unit of text.split('')) folded += (unit < '\x80' ? unit : (unit.normalize('NFD')[0] ?? unit)).toUpperCase()[0] ?? unit
  return folded
}

/** One letter for those that recognisers take for each other. */
const shapeOf = (letters: string): string => letters.replace(/[LJ]/g, 'I').replaceAll('Q', 'O')

interface Phrase {
  readonly word: Word
  readonly shape: string
  /** How many letters may be wrong, missing or too many. */
  readonly slack: number
  /** The phrase in one part more than it may have errors, so that one of them must stand as it is written. */
  readonly parts: readonly { readonly letters: string; readonly at: number }[]
}

/** The word that all else hangs on may have an error although it is short. */
const slackOf = (letters: string): number => (letters === 'TOTAL' || letters === 'CHANGE' ? 1 : Math.min(3, Math.floor(letters.length / 7)))

function toPhrase(word: Word, letters: string): Phrase {
  const shape = shapeOf(letters)
  const slack = slackOf(letters)
  const size = Math.floor(shape.length / (slack + 1))
  const parts = Array.from({ length: slack + 1 }, (_, i) => ({
    letters: shape.slice(i * size, i === slack ? undefined : (i + 1) * size),
    at: i * size,
  }))
  return { word, shape, slack, parts }
}

const PHRASES: readonly Phrase[] = PHRASE_LIST.map(({ word, letters }) => toPhrase(word, letters))

/** Whether a part of the phrase stands about where it should: cheap, and rules out nearly all phrases. */
function mayStandAt(shape: string, start: number, { parts, slack }: Phrase): boolean {
  return parts.some(({ letters, at }) => {
    for (let shift = -slack; shift <= slack; shift++) if (shape.startsWith(letters, start + at + shift)) return true
    return false
  })
}

interface Squeezed {
  readonly shape: string
  /** Where each letter stands in the text. */
  readonly at: readonly number[]
  /** Whether a word begins with the letter; one more entry for the end of the text. */
  readonly begins: readonly boolean[]
}

function squeeze(text: string): Squeezed {
  const folded = fold(text.slice(0, LONGEST_LINE))
  const isLetter = (index: number): boolean => /[A-Z]/.test(folded[index] ?? '')
  const at: number[] = []
  const begins: boolean[] = []
  let letters = ''
  let last = -2
  for (let i = 0; i < folded.length; i++) {
    const char = folded[i] ?? ''
    const lookalike = LOOKALIKES[char]
    const letter = isLetter(i) ? char : lookalike !== undefined && isLetter(i - 1) && isLetter(i + 1) ? lookalike : undefined
    if (letter === undefined) continue
    // A word also begins where capitals follow small letters, as in `GrandTotal`.
    const camel = i > 0 && /[a-z]/.test(text[i - 1] ?? '') && /[A-Z]/.test(text[i] ?? '')
    begins.push(last !== i - 1 || camel)
    at.push(i)
    letters += letter
    last = i
  }
  return { shape: shapeOf(letters), at, begins: [...begins, true] }
}

interface Match {
  readonly word: Word
  readonly start: number
  readonly end: number
  readonly errors: number
}

/** The end of the best match of the phrase from `start` within its slack: edit distance over the few lengths it may have. */
function approximate(shape: string, start: number, { word, shape: phrase, slack }: Phrase): Match | undefined {
  const span = Math.min(shape.length - start, phrase.length + slack)
  if (span < phrase.length - slack) return undefined
  let row = Array.from({ length: span + 1 }, (_, i) => i)
  for (let i = 1; i <= phrase.length; i++) {
    const next = [i]
    let least = i
    for (let j = 1; j <= span; j++) {
      const same = phrase[i - 1] === shape[start + j - 1] ? 0 : 1
      const cost = Math.min((row[j - 1] ?? 0) + same, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1)
      next.push(cost)
      if (cost < least) least = cost
    }
    if (least > slack) return undefined
    row = next
  }
  const errors = Math.min(...row)
  return errors > slack ? undefined : { word, start, end: start + row.indexOf(errors), errors }
}

/** Phrases that begin at the letter. Inside of a word only long ones count, and only as they are written. */
function matchesAt({ shape, begins }: Squeezed, start: number, follows: boolean): Match[] {
  const found: Match[] = []
  const free = begins[start] === true || follows
  for (const phrase of PHRASES) {
    if (shape.startsWith(phrase.shape, start)) {
      if (free || phrase.shape.length >= 6) found.push({ word: phrase.word, start, end: start + phrase.shape.length, errors: 0 })
    } else if (free && phrase.slack > 0 && mayStandAt(shape, start, phrase)) {
      const match = approximate(shape, start, phrase)
      if (match !== undefined) found.push(match)
    }
  }
  return found
}

interface Step {
  readonly score: number
  readonly match: Match | undefined
}

/** The words of the line from left to right: those that together cover most of it, with the fewest errors. */
export function marksIn(text: string): Mark[] {
  const squeezed = squeeze(text)
  const { at, begins, shape } = squeezed
  const matches: Match[][] = shape.split('').map(() => [])
  const ends = new Set<number>()
  for (let start = 0; start < shape.length; start++) {
    matches[start] = matchesAt(squeezed, start, ends.has(start))
    for (const { end } of matches[start] ?? []) ends.add(end)
  }
  const best: Step[] = shape.split('').map(() => ({ score: 0, match: undefined }))
  best.push({ score: 0, match: undefined })
  for (let start = shape.length - 1; start >= 0; start--) {
    let step: Step = { score: best[start + 1]?.score ?? 0, match: undefined }
    for (const match of matches[start] ?? []) {
      const { end, errors } = match
      const ended = begins[end] === true || best[end]?.match !== undefined
      // A short word inside of a longer one is chance: CASH in CASHEW.
      // Of a long one the rest may be glued to it, but not if it was misread as well: EXPIRES in EXPRESS.
      if (!ended && end - start < (errors > 0 ? 10 : 6)) continue
      const score = (end - start) * (ended ? 1 : 0.6) - 1.5 * errors - 0.4 + (best[end]?.score ?? 0)
      if (score > step.score) step = { score, match }
    }
    best[start] = step
  }
  const marks: Mark[] = []
  for (let i = 0; i < shape.length;) {
    const match = best[i]?.match
    if (match === undefined) i++
    else {
      marks.push({ word: match.word, start: at[match.start] ?? 0, end: (at[match.end - 1] ?? 0) + 1 })
      i = match.end
    }
  }
  return marks
}
