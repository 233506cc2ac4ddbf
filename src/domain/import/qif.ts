// QIF bank files (Quicken Interchange Format; Intuit's "QIF file format" and GnuCash's notes on it): a letter and a value a
// line, `^` after each record. The format says neither its currency nor the order of its dates.
import { type Currency } from '../currency.ts'
import { formatMinor, parseMoney } from '../money.ts'
import { bothDays, orderOf, readDay, type DayOrder } from './days.ts'
import {
  draftOf,
  errorAt,
  fingerprintOf,
  MAX_LINES,
  noticeAt,
  notesOf,
  rawOf,
  titleOf,
  unreadable,
  type Fault,
  type ImportDraft,
  type UncountedLine,
} from './draft.ts'
import { markOf, readFigure, type DecimalMark } from './figures.ts'
import { MAX_BANK_TEXT } from './ofx-tags.ts'

export interface QifContext {
  readonly currency: Currency
  /** Where the file doesn't tell. */
  readonly dates?: DayOrder
}

interface SplitPart {
  readonly category: string
  memo: string
  amount: string
}

interface Record {
  readonly line: number
  readonly account: string
  /** By letter; the first of each. */
  readonly fields: Map<string, string>
  readonly splits: SplitPart[]
}

/** Lists that are no transactions, by what stands behind `!`. Names of accounts may be in any language, so others are. */
const NO_TRANSACTIONS = /^!(?:option|clear|type:(?:cat|class|memorized|security|prices|budget|invitem|template|tax|bill|invoice)\b)/i
const INVESTMENTS = /^!type:invst/i
const LONGEST_LINE = 2000
const MAX_SPLITS = 100

/**
 * Reads the records of a QIF file. Negative amounts are expenses, positive ones income. A record is known again by its
 * day, amount, payee, number and memo. Its split lines become notes, and are held against its amount.
 */
export function readQif(text: string, context: QifContext): ImportDraft {
  if (text.length > MAX_BANK_TEXT) {
    const where = { expected: `at most ${MAX_BANK_TEXT} characters`, got: String(text.length) }
    return unreadable('qif', errorAt('TOO_LARGE', 'The file is larger than a bank file is', where))
  }
  const faults: Fault[] = []
  const records = collect(text, faults)
  if (records.length === 0 && !/^\uFEFF?\s{0,100}!/.test(text)) {
    return unreadable(
      'qif',
      errorAt('NOT_QIF', 'This does not look like a QIF file', { row: 1, expected: '!Type:Bank', got: text.slice(0, 100) }),
    )
  }
  const found = context.dates === undefined ? orderOf(records.map(({ fields }) => fields.get('D') ?? '')) : { order: context.dates }
  if ('ambiguous' in found) {
    const [dayFirst, monthFirst] = bothDays(found.ambiguous)
    const where = { column: 'D', expected: `to be told which: ${dayFirst} or ${monthFirst}`, got: found.ambiguous }
    return unreadable(
      'qif',
      ...faults,
      errorAt('AMBIGUOUS_DATES', 'No date of the file tells whether the day or the month comes first', where),
    )
  }
  const { mark, either } = markOf(records.flatMap(({ fields, splits }) => [amountOf(fields), ...splits.map(({ amount }) => amount)]))
  const decimal = mark ?? (either?.includes('.') === true ? ',' : '.')
  if (mark === undefined && either !== undefined) {
    faults.push(
      noticeAt('NUMBER_FORMAT_ASSUMED', 'No figure of the file tells thousands from decimals; they were read as thousands', {
        got: either,
      }),
    )
  }
  const lines = records.flatMap((record) => toLine(record, { ...context, order: found.order, mark: decimal }, faults))
  return draftOf('qif', { lines, faults })
}

/** `U` is `T` with room for larger amounts. */
const amountOf = (fields: ReadonlyMap<string, string>): string => fields.get('T') ?? fields.get('U') ?? ''

function* linesOf(text: string): Generator<{ content: string; line: number }> {
  let from = text.startsWith('\uFEFF') ? 1 : 0
  for (let line = 1; from < text.length; line++) {
    const end = text.indexOf('\n', from)
    const to = end < 0 ? text.length : end
    yield { content: text.slice(from, Math.min(to, from + LONGEST_LINE)).trim(), line }
    from = to + 1
  }
}

function collect(text: string, faults: Fault[]): Record[] {
  const records: Record[] = []
  let account = ''
  let kind: 'transactions' | 'account' | 'other' = 'transactions'
  let open: Record | undefined
  for (const { content, line } of linesOf(text)) {
    if (content === '') continue
    const letter = content[0] ?? ''
    if (letter === '!') {
      if (open !== undefined) faults.push(cutOff(open.line))
      open = undefined
      kind = /^!account/i.test(content) ? 'account' : NO_TRANSACTIONS.test(content) || INVESTMENTS.test(content) ? 'other' : 'transactions'
      if (INVESTMENTS.test(content))
        faults.push(noticeAt('INVESTMENTS_LEFT_OUT', 'Records of investments are no expenses; they are left out', { row: line }))
    } else if (letter === '^') {
      if (open !== undefined && kind === 'transactions') records.push(open)
      if (open !== undefined && kind === 'account') account = open.fields.get('N') ?? account
      open = undefined
      if (records.length < MAX_LINES) continue
      faults.push(
        errorAt('TOO_MANY_LINES', 'The file has more records than one import takes', { row: line, expected: `at most ${MAX_LINES}` }),
      )
      return records
    } else {
      open ??= { line, account, fields: new Map(), splits: [] }
      add(open, letter, content.slice(1).trim())
    }
  }
  if (open !== undefined && kind === 'transactions') faults.push(cutOff(open.line))
  return records
}

const cutOff = (row: number): Fault =>
  errorAt('CUT_OFF', 'The record has no end; it is left out', { row, expected: '^', got: 'the end of the file, or of its section' })

function add({ fields, splits }: Record, letter: string, value: string): void {
  const split = splits.at(-1)
  if (letter === 'S') {
    if (splits.length < MAX_SPLITS) splits.push({ category: value, memo: '', amount: '' })
  } else if (letter === 'E' && split !== undefined) split.memo = value
  else if (letter === '$' && split !== undefined) split.amount = value
  // An address has several lines.
  else if (letter === 'A' && fields.has('A')) fields.set('A', `${fields.get('A')}, ${value}`.slice(0, LONGEST_LINE))
  else if (!fields.has(letter)) fields.set(letter, value)
}

interface Style extends QifContext {
  readonly order: DayOrder
  readonly mark: DecimalMark
}

function toLine(record: Record, style: Style, faults: Fault[]): UncountedLine[] {
  const { line, fields, splits, account } = record
  const { currency } = style
  const field = (letter: string): string => fields.get(letter) ?? ''
  const wrong = (column: string, code: string, message: string, expected: string, got: string): UncountedLine[] => {
    faults.push(errorAt(code, message, { row: line, column, expected, got }))
    return []
  }
  const day = readDay(field('D'), style.order)
  if (day === undefined) return wrong('D', 'INVALID_DATE', 'This is not a day', 'a day such as 2026-11-20', field('D'))
  const minor = minorOf(amountOf(fields), style)
  if (minor === undefined) {
    return wrong(
      'T',
      'INVALID_AMOUNT',
      'This is not an amount that can be kept',
      `an amount of ${currency} such as -12${style.mark}50`,
      amountOf(fields),
    )
  }
  if (minor === 0) {
    faults.push(noticeAt('NO_MONEY', 'The amount is 0; the record is left out', { row: line, column: 'T' }))
    return []
  }
  if (splits.length > 0) checkSplits(record, minor, style, faults)
  const category = splits[0]?.category ?? field('L')
  const parts = splits.map((split) => [split.category, split.amount, split.memo].filter(Boolean).join(' '))
  return [
    {
      source: 'qif',
      kind: minor < 0 ? 'expense' : 'income',
      line,
      raw: rawOf([...fields.keys(), ...splits.map((_, i) => `S${i + 1}`)], [...fields.values(), ...parts]),
      fingerprint: fingerprintOf(account, day, formatMinor(minor, currency), currency, field('P'), field('N'), field('M')),
      day,
      minor: Math.abs(minor),
      currency,
      title: titleOf(field('P'), field('M'), category),
      payers: [],
      shares: [],
      ...(category !== '' && { category: titleOf(category) }),
      ...notesOf(field('P') === '' ? '' : field('M'), ...parts),
    },
  ]
}

function minorOf(text: string, { mark, currency }: Style): number | undefined {
  const figure = readFigure(text, mark)
  const parsed = figure === undefined ? undefined : parseMoney(figure, currency)
  return typeof parsed === 'object' ? parsed.minor : undefined
}

/** A split that is off keeps nothing out: the amount of the record is what the bank moved. */
function checkSplits({ line, splits }: Record, minor: number, style: Style, faults: Fault[]): void {
  const amounts = splits.map(({ amount }) => minorOf(amount, style))
  if (amounts.includes(undefined)) {
    faults.push(
      noticeAt('SPLITS_UNREADABLE', 'Not every split line has an amount, so they could not be added up', { row: line, column: '$' }),
    )
    return
  }
  const got = amounts.reduce<number>((total, amount) => total + (amount ?? 0), 0)
  if (got === minor) return
  const text = (value: number): string => formatMinor(value, style.currency)
  const where = { row: line, column: '$', expected: text(minor), got: text(got), difference: text(got - minor) }
  faults.push(noticeAt('SPLITS_DO_NOT_ADD_UP', 'The split lines do not add up to the amount', where))
}
