// From the bytes of a file to a draft: which of the formats it is, told by its content, and what it says.
import type { Currency } from '../domain/currency.ts'
import { pathOfAttachment } from '../domain/export/manifest.ts'
import { bankFormatOf, readBank } from '../domain/import/bank.ts'
import type { DayOrder } from '../domain/import/days.ts'
import { errorAt, noticeAt, unreadable, type Fault, type ImportDraft, type Source } from '../domain/import/draft.ts'
import { partIn, partsOfBundle, withParts } from '../domain/import/parts.ts'
import { readQuits } from '../domain/import/quits.ts'
import type { ImportSettings } from '../domain/import/settings.ts'
import { readSplitwise } from '../domain/import/splitwise.ts'
import { isSplitwise } from '../domain/import/splitwise-columns.ts'
import { readTable } from '../domain/import/table.ts'
import { guessMapping, shownCells, type Guess, type TableMapping } from '../domain/import/table-mapping.ts'
import type { Day } from '../domain/time.ts'
import { MAX_CELLS, MAX_COLUMNS, parseCsv, type CsvRows } from '../platform/csv.ts'
import { textOf } from '../platform/file-text.ts'
import { isZip, openZip, type Pack } from '../platform/unzip.ts'

export interface ReadFile {
  readonly source: Source
  readonly draft: ImportDraft
  /** What came with it, where it was packed. */
  readonly pack?: Pack
  /** The groups of a file that holds several. */
  readonly parts?: readonly string[]
  /** Of a table: how it was read, and what led to it. */
  readonly table?: { readonly guess: Guess; readonly mapping: TableMapping; readonly sample: readonly (readonly string[])[] }
}

const SAMPLE_ROWS = 5
const DOCUMENT_PATH = 'quits.json'
/** Of one group in an export of everything. */
const FOLDER = /^(groups\/[^/]+\/)quits\.json$/
const MOST_UNPACKED = 32 * 1024 * 1024

/** What the content looks like. */
function sourceOf(text: string, rows: () => CsvRows): Source {
  if (/^\uFEFF?\s*\{/.test(text.slice(0, 1000))) return 'quits'
  return bankFormatOf(text) ?? (isSplitwise(rows().rows) ? 'splitwise' : 'table')
}

/** The guess with what was said put in its place. */
function mappingOf({ mapping }: Guess, said: ImportSettings): TableMapping {
  const { headingRow: guessed, columns, ...styles } = mapping
  const headingRow = said.headingRow === undefined ? guessed : (said.headingRow ?? undefined)
  const merged = Object.entries({ ...columns, ...said.columns }).filter(([, column]) => column !== null)
  return {
    ...styles,
    ...(headingRow !== undefined && { headingRow }),
    columns: Object.fromEntries(merged),
    ...(said.dates && { dates: said.dates }),
    ...(said.decimals && { decimals: said.decimals }),
    ...(said.sign && { sign: said.sign }),
  }
}

const faultsOf = ({ isCut, openQuote, tooWide, rows }: CsvRows): Fault[] => [
  ...(tooWide === undefined
    ? []
    : [
        errorAt('TOO_MANY_COLUMNS', 'The file has more cells than are read', {
          row: tooWide.row + 1,
          expected: `at most ${MAX_COLUMNS} in a row and ${MAX_CELLS} in all`,
          got: tooWide.cells === MAX_COLUMNS ? `more than ${MAX_COLUMNS} in this row` : `more than ${MAX_CELLS} in all`,
        }),
      ]),
  ...(isCut
    ? [errorAt('TOO_MANY_LINES', `Only the first ${rows.length} rows were read`, { expected: `at most ${rows.length} rows` })]
    : []),
  ...(openQuote === undefined
    ? []
    : [noticeAt('OPEN_QUOTE', 'A quoted cell has no end; what follows it was read as one cell', { row: openQuote + 1 })]),
]

const withFaults = (draft: ImportDraft, faults: readonly Fault[]): ImportDraft =>
  faults.length === 0 ? draft : { ...draft, faults: [...faults, ...draft.faults] }

/** Reads the file as was said, or as it looks. Never throws: what is wrong with it is in the draft's faults. `currency` is that of amounts which don't say theirs, `today` the importer's day. */
export function readFile(bytes: Uint8Array, said: ImportSettings, currency: Currency, today: Day): ReadFile {
  if (isZip(bytes)) return readPack(bytes, said, today)
  const text = textOf(bytes)
  let parsed: CsvRows | undefined
  const csv = (): CsvRows => (parsed ??= parseCsv(text))
  const source = said.source ?? sourceOf(text, csv)
  const order: { readonly dates?: DayOrder } = said.dates === undefined || said.dates === 'auto' ? {} : { dates: said.dates }
  switch (source) {
    case 'quits':
      return { source, ...readDocument(text, said, today) }
    case 'ofx':
    case 'qif':
      return { source, draft: readBank(text, { currency, ...order }) }
    case 'splitwise':
      if (csv().tooWide !== undefined) return { source, draft: unreadable(source, ...faultsOf(csv())) }
      return { source, draft: withFaults(readSplitwise(csv().rows, order), faultsOf(csv())) }
    case 'table': {
      const { rows, tooWide } = csv()
      if (tooWide !== undefined) return { source, draft: unreadable(source, ...faultsOf(csv())) }
      const guess = guessMapping(rows)
      const mapping = mappingOf(guess, said)
      const body = rows.slice((mapping.headingRow ?? -1) + 1)
      const sample = body
        .filter((cells) => cells.some((cell) => cell.trim() !== ''))
        .slice(0, SAMPLE_ROWS)
        .map(shownCells)
      const draft = rows.length < 2 ? unreadable('table', nothingIn(text)) : readTable(rows, mapping, { currency })
      return { source, draft: withFaults(draft, faultsOf(csv())), table: { guess, mapping, sample } }
    }
  }
}

/** The document of a group, or that of one of the groups of a bundle. */
function readDocument(text: string, said: ImportSettings, today: Day): Omit<ReadFile, 'source'> {
  const parts = partsOfBundle(text)
  if (parts === undefined) return { draft: readQuits(text, { today }) }
  const part = partIn(parts, said.part)
  return { draft: withParts(part && readQuits(part.json, { today }), parts, said.part), parts: parts.map(({ name }) => name) }
}

/** The entries below the folder, by their paths in it. */
const inFolder = (pack: Pack, folder: string): Pack => ({
  sizes: new Map([...pack.sizes].filter(([path]) => path.startsWith(folder)).map(([path, size]) => [path.slice(folder.length), size])),
  read: (path, most) => pack.read(folder + path, most),
})

/** The document of an export with the files that lie beside it; of an export of everything, that of one of its groups. */
function readPack(bytes: Uint8Array, said: ImportSettings, today: Day): ReadFile {
  const pack = openZip(bytes)
  const folders = [...(pack?.sizes.keys() ?? [])].flatMap((path) => FOLDER.exec(path)?.[1] ?? [])
  const parts = folders.map((folder) => ({ name: folder.slice('groups/'.length, -1), folder }))
  const chosen = parts.length === 0 ? { folder: '' } : partIn(parts, said.part)
  const files = pack && chosen && inFolder(pack, chosen.folder)
  const json = files?.read(DOCUMENT_PATH, MOST_UNPACKED)
  if (files !== undefined && json !== undefined) {
    const draft = readQuits(textOf(json), { today, hasFile: (file) => files.sizes.has(pathOfAttachment(file)) })
    const several = parts.length > 0 && { parts: parts.map(({ name }) => name) }
    return { source: 'quits', draft: withParts(draft, parts, said.part), pack: files, ...several }
  }
  if (chosen === undefined) return { source: 'quits', draft: withParts(undefined, parts, said.part), parts: parts.map(({ name }) => name) }
  const got = pack === undefined ? 'a broken ZIP' : [...pack.sizes.keys()].join(', ').slice(0, 100)
  const expected = `${DOCUMENT_PATH}, of at most ${MOST_UNPACKED} bytes, as in an export`
  return {
    source: 'quits',
    draft: unreadable('quits', errorAt('NOT_AN_IMPORT', 'There is no document of Quits in this ZIP', { expected, got })),
  }
}

const nothingIn = (text: string): Fault =>
  errorAt('NOT_AN_IMPORT', 'This is no file that can be imported', {
    expected: 'a Quits document, a Splitwise or other CSV, OFX or QIF',
    got: text.slice(0, 60),
  })
