// OFX bank files: Open Financial Exchange 1.0.2 to 1.6 (SGML, elements without end tags) and 2.x (XML), sections 3.2.8
// (dates), 3.2.9 (amounts) and 11.4.4 (STMTTRN). One pass over the text, no entity of a document is ever expanded.
import { type Currency, isCurrency } from '../currency.ts'
import { formatMinor, parseMoney } from '../money.ts'
import { type Day, isDay } from '../time.ts'
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
import { readFigure } from './figures.ts'
import { scanTags, type Tag } from './ofx-tags.ts'

export interface OfxContext {
  /** Of amounts where the file names none (CURDEF). */
  readonly currency: Currency
}

interface Record {
  readonly line: number
  readonly account: string
  readonly currency: string
  /** By the name of the element; those of an aggregate as `PAYEE.NAME`. */
  readonly fields: ReadonlyMap<string, string>
}

/** Aggregates within a transaction whose elements are told apart from its own. */
const INNER = new Set(['PAYEE', 'BANKACCTTO', 'CCACCTTO', 'CURRENCY', 'ORIGCURRENCY'])
const MAX_FIELDS = 40

/**
 * Reads the transactions of an OFX file. Negative amounts are expenses, positive ones income; the day is the one that
 * the bank printed (DTPOSTED), in whatever zone it names.
 *
 * A transaction is known again by account, FITID, day and amount. Two of the same FITID and content are one, which banks
 * repeat in overlapping statements; with other content both are taken, and that is told.
 */
export function readOfx(text: string, context: OfxContext): ImportDraft {
  const faults: Fault[] = []
  const records = collect(scanTags(text, faults), context, faults)
  if (records.length === 0 && !/<OFX>/i.test(text.slice(0, 20_000))) {
    return unreadable(
      'ofx',
      errorAt('NOT_OFX', 'This does not look like an OFX file', { expected: 'an element <OFX>', got: text.slice(0, 100) }),
    )
  }
  const seen = new Map<string, { content: string; line: number }[]>()
  const lines = records.flatMap((record) => {
    const line = toLine(record, faults)
    return line === undefined || isRepeated(record, line, seen, faults) ? [] : [line]
  })
  return draftOf('ofx', { lines, faults })
}

/** The fields of each STMTTRN, with the account and the currency that it stands under. */
function collect(tags: Iterable<Tag>, context: OfxContext, faults: Fault[]): Record[] {
  const records: Record[] = []
  let account = ''
  let currency: string = context.currency
  let open: { line: number; fields: Map<string, string> } | undefined
  let inner: string | undefined
  const close = (): void => {
    if (open !== undefined) records.push({ ...open, account, currency })
    open = undefined
    inner = undefined
  }
  for (const { name, value, isEnd, line } of tags) {
    if (name === 'STMTTRN') {
      close()
      if (records.length >= MAX_LINES) {
        faults.push(
          errorAt('TOO_MANY_LINES', 'The file has more transactions than one import takes', {
            row: line,
            expected: `at most ${MAX_LINES}`,
          }),
        )
        return records
      }
      if (!isEnd) open = { line, fields: new Map() }
    } else if (open !== undefined && isEnd) {
      if (name === inner) inner = undefined
      else if (name === 'BANKTRANLIST' || name === 'OFX') close()
    } else if (open !== undefined) {
      if (INNER.has(name)) inner = name
      else if (value !== '' && open.fields.size < MAX_FIELDS) {
        const key = inner === undefined ? name : `${inner}.${name}`
        if (!open.fields.has(key)) open.fields.set(key, value)
      }
    } else if (name === 'CURDEF' && value !== '') currency = value.toUpperCase()
    else if (name === 'ACCTID' && value !== '') account = value
  }
  if (open !== undefined) {
    const message = 'The file ends in the middle of this transaction; it is left out'
    faults.push(errorAt('CUT_OFF', message, { row: open.line, expected: '</STMTTRN>', got: 'the end of the file' }))
  }
  return records
}

/** `20261120`, `20261120103000`, `20261120103000.000[-5:EST]`: the day as it is printed. */
export function ofxDay(text: string): Day | undefined {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})(?:\d{2,6}(?:\.\d{1,6})?)?(?: ?\[[^\]]{0,40}\])?$/.exec(text) ?? []
  const found = `${year}-${month}-${day}`
  return isDay(found) ? found : undefined
}

function toLine({ line, account, currency: statement, fields }: Record, faults: Fault[]): UncountedLine | undefined {
  const field = (name: string): string => fields.get(name) ?? ''
  const wrong = (column: string, code: string, message: string, expected: string): undefined => {
    faults.push(errorAt(code, message, { row: line, column, expected, got: field(column) }))
  }
  const day = ofxDay(field('DTPOSTED')) ?? ofxDay(field('DTUSER'))
  if (day === undefined) return wrong('DTPOSTED', 'INVALID_DATE', 'This is not a day', 'a day such as 20261120')
  // ORIGCURRENCY says what it was before the bank converted it; only CURRENCY changes what TRNAMT is in.
  const code = (field('CURRENCY.CURSYM') || statement).toUpperCase()
  if (!isCurrency(code)) {
    faults.push(
      errorAt('UNKNOWN_CURRENCY', 'This is not a currency in use', {
        row: line,
        column: 'CURDEF',
        expected: 'a code such as EUR',
        got: code,
      }),
    )
    return undefined
  }
  const written = field('TRNAMT')
  const figure = readFigure(written, written.lastIndexOf(',') > written.lastIndexOf('.') ? ',' : '.')
  const parsed = figure === undefined ? 'not_a_number' : parseMoney(figure, code)
  if (typeof parsed === 'string') {
    const expected = parsed === 'not_a_number' ? 'an amount such as -12.50' : `an amount that fits ${code}`
    return wrong('TRNAMT', 'INVALID_AMOUNT', 'This is not an amount that can be kept', expected)
  }
  if (parsed.minor === 0) {
    faults.push(noticeAt('NO_MONEY', 'The amount is 0; the transaction is left out', { row: line, column: 'TRNAMT' }))
    return undefined
  }
  const name = field('NAME') || field('PAYEE.NAME')
  const memo = field('MEMO')
  const title = titleOf(name, memo, field('TRNTYPE'))
  const amount = formatMinor(parsed.minor, code)
  const fitid = field('FITID')
  const known = fitid === '' ? ['', name, memo, field('CHECKNUM')] : [fitid]
  return {
    source: 'ofx',
    kind: parsed.minor < 0 ? 'expense' : 'income',
    line,
    raw: rawOf([...fields.keys()], [...fields.values()]),
    fingerprint: fingerprintOf(account, day, amount, code, ...known),
    day,
    minor: Math.abs(parsed.minor),
    currency: code,
    title,
    payers: [],
    shares: [],
    ...notesOf(name === '' ? '' : memo),
  }
}

/** Whether the transaction came before in the file; the same FITID with other content is told and kept. */
function isRepeated(record: Record, line: UncountedLine, seen: Map<string, { content: string; line: number }[]>, faults: Fault[]): boolean {
  const fitid = record.fields.get('FITID')
  if (fitid === undefined) return false
  const key = JSON.stringify([record.account, fitid])
  const before = seen.get(key) ?? []
  const content = JSON.stringify([line.fingerprint, line.title, line.notes ?? ''])
  const same = before.find((one) => one.content === content)
  const [first] = before
  if (same !== undefined) {
    const message = `The transaction is the same as the one of line ${same.line}, FITID and all; it is taken once`
    faults.push(noticeAt('REPEATED', message, { row: record.line, column: 'FITID', got: fitid }))
    return true
  }
  if (first !== undefined) {
    const message = `The bank gave this FITID to another transaction too, on line ${first.line}; both are taken`
    faults.push(noticeAt('FITID_REUSED', message, { row: record.line, column: 'FITID', got: fitid }))
  }
  if (before.length < 50) seen.set(key, [...before, { content, line: record.line }])
  return false
}
