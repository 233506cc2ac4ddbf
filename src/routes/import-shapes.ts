// How an import looks to its owner: what the file says, what would come of it, and what came of it.
import { z } from 'zod'
import { GROUP_TYPES } from '../domain/group.ts'
import { SOURCES, type Fault, type ImportDraft } from '../domain/import/draft.ts'
import { LINE_STATES, type MappedPerson, type PreviewedLine } from '../domain/import/preview.ts'
import { TABLE_FIELDS } from '../domain/import/table-words.ts'
import { formatMinor } from '../domain/money.ts'
import { LONGEST } from '../domain/written.ts'
import { amountOut, currency, dayOut, instant, instantOut, line, memberRef } from '../http/fields.ts'
import type { Preview } from '../services/import-preview.ts'
import type { Import, SaidSettings } from '../services/imports.ts'
import { percentOf } from './job-shapes.ts'

const STATUSES = ['staged', 'importing', 'imported', 'undoing', 'undone', 'failed'] as const

const column = z.int().min(0).max(199).nullable()
const numbers = z.array(z.int().min(1).max(20_000)).max(20_000)
const PersonIn = z.union([
  z.strictObject({ member: z.union([memberRef, z.literal('me')]) }),
  z.strictObject({ name: line(LONGEST.guestName, 1).meta({ description: 'Of a guest who is made for it' }) }),
])

const settingsFields = {
  source: z.enum(SOURCES).meta({ description: 'What kind of file it is, where its content does not tell' }),
  part: z.int().min(1).max(100_000).meta({ description: 'Which group of a file that holds several, from 1' }),
  currency: currency.meta({ description: 'Of amounts that do not say theirs' }),
  people: z
    .record(z.string().max(120), PersonIn.nullable())
    .meta({ description: 'By the name, or the key, of each person of the file; null takes back what was said' }),
  columns: z
    .strictObject(Object.fromEntries(TABLE_FIELDS.map((field) => [field === 'paidBy' ? 'paid_by' : field, column.optional()])))
    .meta({ description: 'Of a table: the column of each field, from 0; null for none' }),
  heading_row: column.meta({ description: 'Of a table: the row of its headings, from 0; null for none' }),
  dates: z.enum(['auto', 'iso', 'day_first', 'month_first']),
  decimals: z.enum(['auto', 'comma', 'point']),
  sign: z.enum(['auto', 'negative_is_expense', 'positive_is_expense']),
  duplicates: z.enum(['skip', 'add']).meta({ description: 'What becomes of lines that look like an expense of the group' }),
  exclude: numbers.meta({ description: 'Numbers of lines that are left out' }),
  include: numbers.meta({ description: 'Numbers of lines that are taken although they look like duplicates' }),
  group: z
    .strictObject({ name: line(LONGEST.groupName, 1).optional(), currency: currency.optional(), type: z.enum(GROUP_TYPES).optional() })
    .meta({ description: 'Of a group that is made for it' }),
}
export const ImportSettingsIn = z.strictObject(settingsFields).partial()

/** What was said, under the names of the domain. */
export function settingsOf(body: z.output<typeof ImportSettingsIn>): SaidSettings {
  const { heading_row: headingRow, columns, people, group, ...same } = body
  const { paid_by: paidBy, ...others } = (columns ?? {}) as Record<string, number | null | undefined>
  const given = Object.entries(same).filter(([, value]) => value !== undefined)
  return {
    ...(Object.fromEntries(given) as Omit<SaidSettings, 'people' | 'group'>),
    ...(headingRow !== undefined && { headingRow }),
    ...(columns !== undefined && {
      columns: { ...others, ...(paidBy !== undefined && { paidBy }) },
    }),
    ...(people !== undefined && { people }),
    ...(group !== undefined && { group: Object.fromEntries(Object.entries(group).filter(([, value]) => value !== undefined)) }),
  }
}

const FaultOut = z
  .object({
    severity: z.enum(['error', 'notice']),
    code: z.string(),
    message: z.string(),
    row: z.int().nullable().meta({ description: 'Line of the file, from 1' }),
    column: z.string().nullable(),
    expected: z.string().nullable(),
    got: z.string().nullable(),
    difference: z.string().nullable(),
  })
  .meta({ id: 'ImportFault' })

const faultOut = ({ severity, code, message, row, column: at, expected, got, difference }: Fault): z.input<typeof FaultOut> => ({
  ...{ severity, code, message, row: row ?? null, column: at ?? null },
  ...{ expected: expected ?? null, got: got ?? null, difference: difference ?? null },
})

const PersonOut = z.object({
  ref: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  member: z.string().nullable().meta({ description: 'Who it is in the group; me for you, null for somebody new' }),
  new_name: z.string().nullable().meta({ description: 'What a guest who is made for it is called' }),
  matched_by: z.enum(['you', 'email', 'name', 'new']),
  is_needed: z
    .boolean()
    .meta({ description: 'Whether a line that is taken names them; only then are they added to a group that there is' }),
})

const personOut = ({ person, choice, by }: MappedPerson, isNeeded: boolean): z.input<typeof PersonOut> => ({
  ref: person.ref,
  name: person.name,
  email: person.email ?? null,
  member: 'member' in choice ? choice.member : null,
  new_name: 'name' in choice ? choice.name : null,
  matched_by: by,
  is_needed: isNeeded,
})

const PortionOut = z.object({ person: z.string(), amount: amountOut })

export const LineOut = z
  .object({
    number: z.int(),
    row: z.int().meta({ description: 'Line of the file that it begins on' }),
    state: z.enum(LINE_STATES),
    is_taken: z.boolean().meta({ description: 'Whether a commit would import it' }),
    duplicate_of: z.string().nullable(),
    kind: z.enum(['expense', 'income', 'payment']),
    date: dayOut,
    title: z.string(),
    amount: amountOut,
    currency: z.string(),
    category: z.string().nullable(),
    notes: z.string().nullable(),
    paid: z.array(PortionOut).meta({ description: 'Empty: by you' }),
    borne: z.array(PortionOut).meta({ description: 'Empty: as the group shares' }),
    raw: z.record(z.string(), z.string()).meta({ description: 'As it stands in the file' }),
  })
  .meta({ id: 'ImportLine' })

export function lineOut({ number, state, isTaken, like, line: one }: PreviewedLine): z.input<typeof LineOut> {
  const amount = (minor: number): string => formatMinor(minor, one.currency)
  const portions = (list: readonly { person: string; minor: number }[]) =>
    list.map(({ person, minor }) => ({ person, amount: amount(minor) }))
  const isPayment = one.kind === 'payment'
  return {
    number,
    row: one.line,
    state,
    is_taken: isTaken,
    duplicate_of: like ?? null,
    kind: one.kind,
    date: one.day,
    title: one.title,
    amount: amount(one.minor),
    currency: one.currency,
    category: isPayment ? null : (one.category ?? null),
    notes: one.notes ?? null,
    paid: isPayment ? [{ person: one.from, amount: amount(one.minor) }] : portions(one.payers),
    borne: isPayment ? [{ person: one.to, amount: amount(one.minor) }] : portions(one.shares),
    raw: one.raw,
  }
}

const CheckOut = z.object({
  person: z.string(),
  row: z.int(),
  currency: z.string(),
  expected: z.string().meta({ description: 'What the file says' }),
  got: z.string().meta({ description: 'What its lines come to' }),
  difference: z.string(),
  is_met: z.boolean(),
})

const TableOut = z.object({
  headings: z.array(z.string()),
  heading_row: z.int().nullable(),
  columns: z.record(z.string(), z.int()),
  confidence: z.record(z.string(), z.number()),
  missing: z.array(z.string()),
  sample: z.array(z.array(z.string())),
})

const ResultOut = z.object({
  expenses: z.int(),
  settlements: z.int(),
  skipped: z.int(),
  refused: z.int(),
  refusals: z
    .array(z.object({ number: z.int(), title: z.string(), code: z.string(), message: z.string() }))
    .meta({ description: 'The first 100' }),
  undone: z.object({ records: z.int(), kept: z.int() }).nullable(),
})

const importFields = {
  id: z.string(),
  status: z.enum(STATUSES),
  file_name: z.string(),
  file_size: z.int(),
  sha256: z.string(),
  group_id: z.string().nullable().meta({ description: 'null while the group is still to be made' }),
  is_new_group: z.boolean(),
  job_id: z.string().nullable(),
  progress: z.int().min(0).max(100).meta({ description: 'Percent of what is under way' }),
  error: z.string().nullable(),
  result: ResultOut.nullable(),
  created_at: instantOut,
  updated_at: instantOut,
}
export const ImportOut = z.object(importFields).meta({ id: 'Import' })

const PreviewOut = z
  .object({
    source: z.enum(SOURCES),
    parts: z.array(z.string()).nullable().meta({ description: 'The groups of a file that holds several' }),
    group: z.object({ name: z.string(), currency: z.string(), keeps: z.enum(['converted', 'separate']) }),
    people: z.array(PersonOut),
    lines: z.object({ total: z.int(), taken: z.int(), ...Object.fromEntries(LINE_STATES.map((state) => [state, z.int()])) }),
    totals: z.array(z.object({ currency: z.string(), lines: z.int(), expenses: amountOut, income: amountOut, payments: amountOut })),
    checks: z.array(CheckOut).meta({ description: 'Sums that the file states, held against its lines' }),
    faults: z.array(FaultOut),
    is_ready: z.boolean().meta({ description: 'Whether a commit loses nothing of the file' }),
    table: TableOut.nullable().meta({ description: 'How a table is read' }),
  })
  .meta({ id: 'ImportPreview' })

export const PreviewedOut = z
  .object({ ...importFields, preview: PreviewOut.nullable().meta({ description: 'What would come of it now; null once it is committed' }) })
  .meta({ id: 'PreviewedImport' })

function statusOf({ state, job }: Import): (typeof STATUSES)[number] {
  return (state === 'importing' || state === 'undoing') && job?.state === 'failed' ? 'failed' : state
}

export function importOut(one: Import): z.input<typeof ImportOut> {
  // What is noted on the way is not what came of it.
  const result = one.state === 'importing' ? undefined : one.result
  const isOver = one.state === 'imported' || one.state === 'undone'
  return {
    id: one.id,
    status: statusOf(one),
    file_name: one.fileName,
    file_size: one.fileSize,
    sha256: one.sha256,
    group_id: one.isNewGroup && one.state === 'staged' ? null : one.groupId,
    is_new_group: one.isNewGroup,
    job_id: one.job?.id ?? null,
    progress: isOver ? 100 : one.job === undefined ? 0 : percentOf(one.job),
    error: one.job?.error ?? null,
    result:
      result === undefined
        ? null
        : {
            ...{ expenses: result.expenses, settlements: result.settlements, skipped: result.skipped, refused: result.refused },
            refusals: [...result.refusals],
            undone: result.undone ?? null,
          },
    created_at: instant(one.createdAt),
    updated_at: instant(one.updatedAt),
  }
}

const countsOf = (lines: readonly PreviewedLine[]) => ({
  total: lines.length,
  taken: lines.filter(({ isTaken }) => isTaken).length,
  ...(Object.fromEntries(LINE_STATES.map((state) => [state, lines.filter((one) => one.state === state).length])) as Record<
    (typeof LINE_STATES)[number],
    number
  >),
})

function tableOut({ table }: Preview): z.input<typeof TableOut> | null {
  if (table === undefined) return null
  const named = <T>(fields: object): Record<string, T> =>
    Object.fromEntries(Object.entries(fields as Record<string, T>).map(([field, value]) => [field === 'paidBy' ? 'paid_by' : field, value]))
  return {
    headings: [...table.guess.headings],
    heading_row: table.mapping.headingRow ?? null,
    columns: named(table.mapping.columns),
    confidence: named(table.guess.confidence),
    missing: [...table.guess.missing],
    sample: table.sample.map((cells) => [...cells]),
  }
}

const totalOut = ({ currency: code, lines, expenses, income, payments }: ImportDraft['totals'][number]) => ({
  ...{ currency: code, lines },
  ...{ expenses: formatMinor(expenses, code), income: formatMinor(income, code), payments: formatMinor(payments, code) },
})

function previewOut(preview: Preview, isReady: boolean): z.input<typeof PreviewOut> {
  const { target, draft } = preview
  return {
    source: preview.source,
    parts: preview.parts === undefined ? null : [...preview.parts],
    group: { name: target.info.name, currency: target.info.currency, keeps: target.info.settings.currencies },
    people: preview.people.map((mapped) => personOut(mapped, preview.needed.has(mapped.person.ref))),
    lines: countsOf(preview.lines),
    totals: draft.totals.map(totalOut),
    checks: draft.checks.map(({ person, row, currency: code, expected, got, difference, isMet }) => ({
      ...{ person, row, currency: code, expected, got, difference, is_met: isMet },
    })),
    faults: preview.faults.map(faultOut),
    is_ready: isReady,
    table: tableOut(preview),
  }
}

export const previewedOut = (one: Import, preview: Preview | undefined, isReady: boolean): z.input<typeof PreviewedOut> => ({
  ...importOut(one),
  preview: preview === undefined ? null : previewOut(preview, isReady),
})
