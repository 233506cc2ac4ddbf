// Reading the output of a text model that was trained with CTC (Graves et al. 2006): for each step the likeliest
// class; repeats are one character, class 0 is the blank between characters.
// The model was trained on Chinese and English and is shy of two characters that receipts live by: between words, and
// between whole and hundredths, the blank often wins narrowly. So a second look is taken at the blanks between characters.

export interface Reading {
  readonly text: string
  /** Mean likelihood of the characters, from 0 to 1; 0 where there are none. */
  readonly confidence: number
}

/** How likely a space or a point must be, in the best step between two characters, to be written although the blank won. */
const LEAST = { space: 0.05, spaceInNumber: 0.3, pointInNumber: 0.02 }
/** A point may be so much less likely than a space, in a number. */
const POINT_OVER_SPACE = 0.2

/** The characters of the classes: one a line in the model's list, the blank before them and the space after them. */
export const alphabetOf = (list: string): string[] => ['', ...list.replaceAll('\r', '').replace(/\n$/, '').split('\n'), ' ']

/** A character that won some steps, and what nearly won in the blanks before it. */
interface Spotted {
  readonly character: string
  readonly likelihood: number
  readonly space: number
  readonly point: number
}

function spot(likelihoods: Float32Array, steps: number, alphabet: readonly string[]): Spotted[] {
  const classes = alphabet.length
  const [spaceClass, pointClass] = [alphabet.lastIndexOf(' '), alphabet.indexOf('.')]
  const spotted: Spotted[] = []
  let [previous, space, point] = [0, 0, 0]
  for (let step = 0; step < steps; step++) {
    const first = step * classes
    let [best, highest] = [0, -1]
    for (let c = 0; c < classes; c++) {
      const value = likelihoods[first + c] ?? 0
      if (value > highest) [best, highest] = [c, value]
    }
    if (best === 0) {
      space = Math.max(space, likelihoods[first + spaceClass] ?? 0)
      point = Math.max(point, likelihoods[first + pointClass] ?? 0)
    } else {
      if (best !== previous) spotted.push({ character: alphabet[best] ?? '', likelihood: highest, space, point })
      ;[space, point] = [0, 0]
    }
    previous = best
  }
  return spotted
}

const isDigit = (character: string | undefined): boolean => character !== undefined && /^\d$/.test(character)

/** What stands between two characters that were spotted next to each other. */
function between(before: string, { character, space, point }: Spotted): '' | ' ' | '.' {
  if (before === '' || before === ' ' || character === ' ') return ''
  if (!isDigit(before) || !isDigit(character)) return space > LEAST.space ? ' ' : ''
  if (point > LEAST.pointInNumber && point > space * POINT_OVER_SPACE) return '.'
  return space > LEAST.spaceInNumber ? ' ' : ''
}

/** Full-width forms as plain ones, and no gap around the point of an amount: `73. 00` was printed `73.00`. */
const tidy = (text: string): string =>
  text
    .normalize('NFKC')
    .replaceAll(/(\d)([.,]) (\d\d)(?!\d)/g, '$1$2$3')
    .replaceAll(/(\d) ([.,]\d\d)(?!\d)/g, '$1$2')
    .trim()

/** What the likelihoods say: `steps` rows of one number per class. */
export function decodeCtc(likelihoods: Float32Array, steps: number, alphabet: readonly string[]): Reading {
  const spotted = spot(likelihoods, steps, alphabet)
  const text = spotted.map((one, i) => between(spotted[i - 1]?.character ?? '', one) + one.character).join('')
  const sum = spotted.reduce((total, { likelihood }) => total + likelihood, 0)
  return { text: tidy(text), confidence: spotted.length === 0 ? 0 : sum / spotted.length }
}
