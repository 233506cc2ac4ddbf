// The form that every file takes before it is imported: people, lines, what was wrong with it and what was proved of it.
// A line is known again by its content and by which of its twins it is, never by where it stands in the file.
import type { Currency } from '../currency.ts'
import type { ExportCategory, ExportExpense, ExportGroup, ExportSettlement } from '../export/document.ts'
import { cut, oneLine } from '../one-line.ts'
import type { Day } from '../time.ts'

export const SOURCES = ['quits', 'splitwise', 'table', 'ofx', 'qif'] as const
export type Source = (typeof SOURCES)[number]

/** Names a person within one draft: their name in the file, or the id that a Quits file gives them. */
export type PersonRef = string

export interface Person {
  readonly ref: PersonRef
  readonly name: string
  readonly email?: string
  /** They were in the group and are not any more. */
  readonly hasLeft?: true
}

/** Minor units of one person. */
export interface Portion {
  readonly person: PersonRef
  readonly minor: number
}

/**
 * What is wrong with a file: `error` keeps a line, or the whole file, from being imported; `notice` is worth a look.
 * `row` is a line of the file, from 1; `column` is its heading, or the name of a field where the format has names.
 */
export interface Fault {
  readonly severity: 'error' | 'notice'
  readonly code: string
  readonly message: string
  readonly row?: number
  readonly column?: string
  readonly expected?: string
  readonly got?: string
  readonly difference?: string
}

/** A sum that the file states, held against its lines. Decimal text; `difference` is got - expected. */
export interface Check {
  /** The net of one person over the whole file. */
  readonly what: 'net'
  readonly person: PersonRef
  /** Where the file states it. */
  readonly row: number
  readonly currency: Currency
  readonly expected: string
  readonly got: string
  readonly difference: string
  readonly isMet: boolean
}

interface LineBase {
  readonly source: Source
  /** The line of the file that it begins on, from 1; in a Quits file the number of the record. */
  readonly line: number
  /** The fields as they stand in the file, for showing, each cut to `MAX_RAW` characters. */
  readonly raw: Readonly<Record<string, string>>
  /** Its content in one spelling, whatever the language and the number format of the file. */
  readonly fingerprint: string
  /** 1 for the first line of this fingerprint in the file, 2 for its first twin, and so on; those that are void counted apart. */
  readonly occurrence: number
  readonly day: Day
  /** Minor units, positive. */
  readonly minor: number
  readonly currency: Currency
  readonly title: string
  readonly notes?: string
  /** It came to nothing: it was deleted, rejected, or ended with nothing paid. No sum counts it, and only a new group takes it along. */
  readonly isVoid?: true
}

export interface ExpenseLine extends LineBase {
  readonly kind: 'expense' | 'income'
  /** They sum to `minor`; empty: whoever imports. */
  readonly payers: readonly Portion[]
  /** They sum to `minor`; empty: as the group divides where nobody says otherwise. */
  readonly shares: readonly Portion[]
  readonly category?: string
  /** All that a Quits file says of it; its members are the references of the draft's people. */
  readonly record?: ExportExpense
}

/** Money that went from one person to another, or was only asked for. */
export interface PaymentLine extends LineBase {
  readonly kind: 'payment'
  readonly from: PersonRef
  readonly to: PersonRef
  /** Nothing was paid yet: `minor` is what was asked for, and no sum counts it. */
  readonly isRequest?: true
  /** All that a Quits file says of it. */
  readonly record?: ExportSettlement
}

export type ImportLine = ExpenseLine | PaymentLine

/** A line before its twins are counted. */
export type UncountedLine = Omit<ExpenseLine, 'occurrence'> | Omit<PaymentLine, 'occurrence'>

/** Minor units by currency, over the lines that can be imported. */
export interface Total {
  readonly currency: Currency
  readonly lines: number
  readonly expenses: number
  readonly income: number
  readonly payments: number
}

export interface ImportDraft {
  readonly source: Source
  readonly people: readonly Person[]
  readonly lines: readonly ImportLine[]
  /** By currency, the one with most lines first: it is the likely currency of a group made from this file. */
  readonly totals: readonly Total[]
  readonly faults: readonly Fault[]
  readonly checks: readonly Check[]
  /** What a Quits file says of the group itself, and of the categories that its lines name. */
  readonly group?: ExportGroup
  readonly categories?: readonly ExportCategory[]
}

/** What a file may hold; what is beyond is told and left out. */
export const MAX_LINES = 20_000
export const MAX_PEOPLE = 200
const MAX_FAULTS = 200
const MAX_RAW = 500
const MAX_TITLE = 200
const MAX_NOTES = 5000

/**
 * Puts a draft together: counts twins, sums, and keeps the lines and faults within their bounds. Lines are in the
 * order of the file.
 */
export function draftOf(
  source: Source,
  parts: {
    readonly people?: readonly Person[]
    readonly lines: readonly UncountedLine[]
    readonly faults: readonly Fault[]
    readonly checks?: readonly Check[]
    readonly group?: ExportGroup
    readonly categories?: readonly ExportCategory[]
  },
): ImportDraft {
  const lines = countTwins(parts.lines.slice(0, MAX_LINES))
  const left = parts.lines.length - lines.length
  const tooMany: Fault[] =
    left <= 0
      ? []
      : [errorAt('TOO_MANY_LINES', `${left} lines are beyond what one import takes`, { expected: `at most ${MAX_LINES} lines` })]
  return {
    source,
    people: parts.people ?? [],
    lines,
    totals: totalsOf(lines),
    faults: bounded([...tooMany, ...parts.faults]),
    checks: parts.checks ?? [],
    ...(parts.group && { group: parts.group }),
    ...(parts.categories && { categories: parts.categories }),
  }
}

/** A draft of a file that could not be read at all. */
export const unreadable = (source: Source, ...faults: readonly Fault[]): ImportDraft => draftOf(source, { lines: [], faults })

/** Whether nothing of the file is kept out and nothing contradicts it: no error, and every check that it has is met. */
export const isClean = ({ faults, checks }: Pick<ImportDraft, 'faults' | 'checks'>): boolean =>
  checks.every((check) => check.isMet) && faults.every((fault) => fault.severity !== 'error')

/**
 * What a line is known by, as text to be digested. The same line in another file has the same identity, and twins are
 * kept apart by their number, so a file that overlaps an earlier one adds what that one did not have: a third twin
 * where there were two adds one line.
 *
 * A line that came to nothing is never the twin of one that counts, whatever order they come in. So a record that has been
 * deleted since it was imported is not known again: no sum has it, and a group that is there does not take it.
 */
export const identityOf = ({
  source,
  fingerprint,
  occurrence,
  isVoid,
}: Pick<ImportLine, 'source' | 'fingerprint' | 'occurrence' | 'isVoid'>): string =>
  JSON.stringify([source, fingerprint, occurrence, ...(isVoid === true ? ['void'] : [])])

/** One spelling of some content: text in one line, without what a file is free to write in several ways. */
export const fingerprintOf = (...parts: readonly (string | number)[]): string =>
  JSON.stringify(parts.map((part) => (typeof part === 'string' ? oneLine(part) : part)))

function countTwins(lines: readonly UncountedLine[]): ImportLine[] {
  const seen = { live: new Map<string, number>(), void: new Map<string, number>() }
  return lines.map((line) => {
    const twins = line.isVoid === true ? seen.void : seen.live
    const occurrence = (twins.get(line.fingerprint) ?? 0) + 1
    twins.set(line.fingerprint, occurrence)
    return { ...line, occurrence }
  })
}

function totalsOf(lines: readonly ImportLine[]): Total[] {
  const totals = new Map<Currency, { -readonly [K in keyof Total]: Total[K] }>()
  for (const line of lines) {
    const { currency, kind } = line
    const isNothing = line.isVoid === true || (line.kind === 'payment' && line.isRequest === true)
    const minor = isNothing ? 0 : line.minor
    const total = totals.get(currency) ?? { currency, lines: 0, expenses: 0, income: 0, payments: 0 }
    total.lines += 1
    total[kind === 'expense' ? 'expenses' : kind === 'income' ? 'income' : 'payments'] += minor
    totals.set(currency, total)
  }
  return [...totals.values()].sort((a, b) => b.lines - a.lines || (a.currency < b.currency ? -1 : 1))
}

/** So many faults as can be read; the last one counts the others, so that none is lost unsaid. */
function bounded(faults: readonly Fault[]): Fault[] {
  if (faults.length <= MAX_FAULTS) return [...faults]
  const errors = faults.filter((fault) => fault.severity === 'error')
  const notices = faults.filter((fault) => fault.severity === 'notice')
  const kept = [...errors, ...notices].slice(0, MAX_FAULTS - 1)
  const severity = errors.length > MAX_FAULTS - 1 ? 'error' : 'notice'
  const rest = faults.length - kept.length
  return [...kept, { severity, code: 'MORE_FAULTS', message: `${rest} more are not shown; ${errors.length} of all are errors` }]
}

type Where = Omit<Fault, 'severity' | 'code' | 'message'>

export const errorAt = (code: string, message: string, where: Where = {}): Fault => ({ severity: 'error', code, message, ...shown(where) })
export const noticeAt = (code: string, message: string, where: Where = {}): Fault => ({
  severity: 'notice',
  code,
  message,
  ...shown(where),
})

/** What came is a stranger's text: cut, and in one line. */
const shown = (where: Where): Where => (where.got === undefined ? where : { ...where, got: cut(oneLine(where.got.slice(0, 400)), 100) })

/** A title in one line, of a length that the ledger takes; the first of the texts that says anything. */
export function titleOf(...texts: readonly string[]): string {
  for (const text of texts) {
    const line = oneLine(text.slice(0, 4 * MAX_TITLE))
    if (line !== '') return line.length <= MAX_TITLE ? line : cut(line, MAX_TITLE).trim()
  }
  return 'Untitled'
}

/** Notes that are worth keeping, or nothing. */
export function notesOf(...texts: readonly string[]): { readonly notes?: string } {
  const notes = cut(
    texts
      .map((text) =>
        text
          .toWellFormed()
          .replace(/[^\P{Cc}\n\t]/gu, '')
          .trim(),
      )
      .filter(Boolean)
      .join('\n')
      .slice(0, 2 * MAX_NOTES),
    MAX_NOTES,
  ).trim()
  return notes === '' ? {} : { notes }
}

/** Headings in one line each, those that come twice or are empty told apart by their number. */
export function headingNames(headings: readonly string[]): string[] {
  const taken = new Set<string>()
  return headings.map((given, i) => {
    const heading = cut(oneLine(given.slice(0, 400)), 100)
    const name = heading === '' || taken.has(heading) ? `${heading} (${i + 1})`.trim() : heading
    taken.add(name)
    return name
  })
}

/** The cells of a row that have something in them, under the names of their columns. */
export const rawOf = (names: readonly string[], cells: readonly string[]): Record<string, string> =>
  // Built from entries, so that a heading such as `__proto__` is a field like any other.
  Object.fromEntries(
    cells.flatMap((cell, i) =>
      cell.trim() === '' ? [] : [[names[i] ?? `(${i + 1})`, cell.length <= MAX_RAW ? cell : cut(cell.slice(0, 4 * MAX_RAW), MAX_RAW)]],
    ),
  )

/** On which line of the file each row begins, from 1: a cell may hold line breaks. */
export function linesOf(rows: readonly (readonly string[])[]): number[] {
  let line = 1
  return rows.map((cells) => {
    const at = line
    line += 1
    for (const cell of cells) if (/[\r\n]/.test(cell)) line += cell.match(/\r\n|\r|\n/g)?.length ?? 0
    return at
  })
}

/** People under references that tell them apart: a name that comes twice is numbered, an empty one is called after its place. */
export function peopleOf(names: readonly string[]): Person[] {
  const taken = new Set<string>()
  return names.map((given, i) => {
    const name = cut(oneLine(given.slice(0, 400)), 100).trim() || `Person ${i + 1}`
    let ref = name
    for (let n = 2; taken.has(ref); n++) ref = `${name} (${n})`
    taken.add(ref)
    return { ref, name }
  })
}
