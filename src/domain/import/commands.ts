// From a draft that somebody has looked at to what is asked of the ledger: each line as commands, with the identity that
// it will be known by. Nothing is decided here; the group decides.
import type { Command, ExpenseDraft, ExpenseElsewhere, SettlementDraft, SettlementElsewhere } from '../commands.ts'
import { renameSplit } from '../export/canonical.ts'
import type { ExportComment, ExportExpense, ExportSettlement } from '../export/document.ts'
import type { MemberRef } from '../group.ts'
import type { Id } from '../ids.ts'
import { formatMinor } from '../money.ts'
import { cut } from '../one-line.ts'
import { LONGEST } from '../written.ts'
import { err, ok, type Result } from '../result.ts'
import {
  errorAt,
  identityOf,
  noticeAt,
  type ExpenseLine,
  type Fault,
  type ImportDraft,
  type ImportLine,
  type PaymentLine,
  type PersonRef,
  type Portion,
} from './draft.ts'

/** New ids, by the identity of the line, so that a run that is repeated asks for the same. */
export interface NewIds {
  readonly expense: (identity: string) => Id<'expense'>
  readonly settlement: (identity: string) => Id<'settlement'>
  readonly comment: (identity: string, index: number) => Id<'comment'>
}

export interface Mapping {
  /** Every person of the draft that a line names. Two people may be one member. */
  readonly people: ReadonlyMap<PersonRef, MemberRef>
  /** By the name of the category in the file, or by its key in a Quits file. Others are left out. */
  readonly categories?: ReadonlyMap<string, Id<'category'>>
  readonly ids: NewIds
  /**
   * Whether the group takes the payment as a settlement, which it does in its own currency where it keeps balances in one,
   * and from whoever has a say in it. Otherwise it becomes an expense that the payee bears, which moves the same money.
   */
  readonly canSettle?: (payment: {
    readonly from: MemberRef
    readonly to: MemberRef
    readonly currency: PaymentLine['currency']
  }) => boolean
  /** In whose name a comment is made: a guest's, or that of whoever imports, who then quotes them. */
  readonly canSpeakFor?: (member: MemberRef) => boolean
  /** What a person of the file is called. */
  readonly nameOf?: (person: PersonRef) => string
  /** Whether the group keeps its books in the currency that the file's rates lead to. */
  readonly keepsRates?: boolean
  /** Whether what came to nothing is taken along, as it is into a new group. */
  readonly takesVoid?: boolean
}

/** What one line asks for: the first command makes the record, the others complete it. */
export interface ImportStep {
  readonly identity: string
  readonly line: ImportLine
  readonly commands: readonly Command[]
  /** What ends it, once its files are with it. */
  readonly closing?: readonly Command[]
}

export interface ImportPlan {
  /** In the order of the file. */
  readonly steps: readonly ImportStep[]
  /** How many lines were there already. */
  readonly skipped: number
  /** Lines that ask for nothing: an error where something is lost, a notice where not, as with a payment between two people who are one member here. */
  readonly notices: readonly Fault[]
}

/**
 * The commands of a draft. Lines whose identity is in `skip` ask for nothing, so a file that was imported before adds
 * nothing and one that goes on from it adds what is new. Refused where a person has no member: `UNMAPPED_PERSON`, once for
 * each person.
 */
export function commandsOf(draft: Pick<ImportDraft, 'lines'>, mapping: Mapping, skip: ReadonlySet<string>): Result<ImportPlan, Fault[]> {
  const taken = draft.lines.filter((line) => line.isVoid !== true || mapping.takesVoid === true)
  const fresh = taken.map((line) => ({ line, identity: identityOf(line) })).filter(({ identity }) => !skip.has(identity))
  const unmapped = unmappedIn(
    fresh.map(({ line }) => line),
    mapping,
  )
  if (unmapped.length > 0) return err(unmapped)
  const notices: Fault[] = []
  const steps = fresh.flatMap(({ line, identity }): ImportStep[] => {
    if (line.kind !== 'payment') return [expenseStep(line, identity, mapping)]
    const [from, to] = [memberOf(line.from, mapping), memberOf(line.to, mapping)]
    const canSettle = mapping.canSettle?.({ from, to, currency: line.currency }) !== false
    if (!canSettle && line.isRequest === true) {
      notices.push(
        errorAt('NOT_TAKEN', 'The group does not take this request from you; it is left out', { row: line.line, got: line.title }),
      )
      return []
    }
    if (from !== to)
      return [canSettle ? settlementStep(line, identity, from, to, mapping) : movedAsExpense(line, identity, from, to, mapping.ids)]
    notices.push(
      noticeAt('SAME_MEMBER', 'Payer and payee are one member here; the payment is left out', { row: line.line, got: line.title }),
    )
    return []
  })
  return ok({ steps, skipped: taken.length - fresh.length, notices })
}

/** The people that the line names. */
export function peopleIn(line: ImportLine): readonly PersonRef[] {
  if (line.kind === 'payment') return [line.from, line.to]
  const people = new Set([...line.payers, ...line.shares].map(({ person }) => person))
  const { record } = line
  if (record === undefined) return [...people]
  renameSplit(record.split, (person) => (people.add(person), person))
  for (const { member } of [...record.shares, ...record.comments, ...(record.claims?.lines.flat() ?? [])]) people.add(member)
  if (record.claims !== undefined) people.add(record.claims.bearer)
  return [...people]
}

function unmappedIn(lines: readonly ImportLine[], { people }: Mapping): Fault[] {
  const missing = new Map<PersonRef, number>()
  for (const line of lines)
    for (const person of peopleIn(line)) if (!people.has(person) && !missing.has(person)) missing.set(person, line.line)
  return [...missing].map(([person, row]) =>
    errorAt('UNMAPPED_PERSON', 'It is not said who in the group this person is', {
      row,
      column: 'people',
      expected: 'a member of the group',
      got: person,
    }),
  )
}

/** Of a person who was found to be mapped. */
const memberOf = (person: PersonRef, { people }: Mapping): MemberRef => people.get(person) ?? person

/** By member: two people of the file may be one. */
function merged(portions: readonly Portion[], mapping: Mapping): { readonly member: MemberRef; readonly minor: number }[] {
  const minors = new Map<MemberRef, number>()
  for (const { person, minor } of portions) {
    const member = memberOf(person, mapping)
    minors.set(member, (minors.get(member) ?? 0) + minor)
  }
  return [...minors].map(([member, minor]) => ({ member, minor }))
}

function expenseStep(line: ExpenseLine, identity: string, mapping: Mapping): ImportStep {
  const { kind, title, minor, currency, day, notes, record } = line
  const amounts = (portions: readonly Portion[]) =>
    merged(portions, mapping).map((one) => ({ member: one.member, amount: formatMinor(one.minor, currency) }))
  const payers = amounts(line.payers)
  const [payer, second] = payers
  const exact = { type: 'exact', parts: amounts(line.shares) } as const
  const whole = record !== undefined && areApart(line, mapping) ? record : undefined
  const draft: ExpenseDraft = {
    kind,
    title,
    amount: formatMinor(minor, currency),
    currency,
    date: day,
    ...(notes !== undefined && { description: notes }),
    ...(second !== undefined ? { payers } : payer !== undefined && { payer: payer.member }),
    ...(whole !== undefined
      ? { split: renameSplit(whole.split, (person) => memberOf(person, mapping)) }
      : exact.parts.length > 0 && { split: exact }),
    ...categoriesOf(line, mapping),
    ...(record !== undefined && saidBesides(record, mapping)),
  }
  const id = mapping.ids.expense(identity)
  const was = { ...(whole && elsewhere(whole, mapping)), ...(record && statusOf(record)) }
  const commands: Command[] = [
    { type: 'record_expense', id, draft, ...(record && { was }) },
    ...(record?.comments ?? []).map((comment, i): Command => ({
      type: 'comment_expense',
      id,
      comment: mapping.ids.comment(identity, i),
      ...spoken(comment, mapping),
    })),
  ]
  return { identity, line, commands, ...(record?.is_deleted === true && { closing: [{ type: 'delete_expense', id }] }) }
}

/** Whether no two people of the line are one member, which a split refuses. */
function areApart(line: ExpenseLine, mapping: Mapping): boolean {
  const people = peopleIn(line)
  return new Set(people.map((person) => memberOf(person, mapping))).size === people.length
}

/** What came of the split, which is kept to the cent, and who claimed what. */
function elsewhere({ shares, postings, claims }: ExportExpense, mapping: Mapping): ExpenseElsewhere {
  const named = <T extends { readonly member: PersonRef }>(one: T) => ({ ...one, member: memberOf(one.member, mapping) })
  return {
    shares: shares.map(named),
    ...(postings && mapping.keepsRates !== false && { postings: postings.map(named) }),
    ...(claims && {
      claims: { isOpen: claims.is_open, bearer: memberOf(claims.bearer, mapping), lines: claims.lines.map((line) => line.map(named)) },
    }),
  }
}

const statusOf = ({ status, is_reconciled: isReconciled }: ExportExpense): ExpenseElsewhere => ({
  ...(status !== 'posted' && { status }),
  ...(isReconciled && { isReconciled }),
})

/** The comment in the name of its author, or quoted by whoever imports where they have a voice of their own. */
function spoken({ member: person, text }: ExportComment, mapping: Mapping): { readonly text: string; readonly by?: MemberRef } {
  const by = memberOf(person, mapping)
  return mapping.canSpeakFor?.(by) === false
    ? { text: cut(`${mapping.nameOf?.(person) ?? person}: ${text}`, LONGEST.comment).trim() }
    : { text, by }
}

function categoriesOf({ category, record }: ExpenseLine, { categories }: Mapping): { readonly categoryIds?: readonly Id<'category'>[] } {
  const names = record?.categories ?? (category === undefined ? [] : [category])
  const categoryIds = names.flatMap((name) => categories?.get(name) ?? [])
  return categoryIds.length === 0 ? {} : { categoryIds }
}

const saidBesides = (
  { title, description, rate, time, tags, vendor, location }: ExportExpense,
  { keepsRates }: Mapping,
): Partial<ExpenseDraft> => ({
  title,
  description,
  tags,
  vendor,
  location,
  ...(rate !== undefined && keepsRates !== false && { rate }),
  ...(time !== undefined && { time }),
})

/** The payment as an expense of the payer that the payee bears. */
function movedAsExpense(line: PaymentLine, identity: string, from: MemberRef, to: MemberRef, ids: NewIds): ImportStep {
  const { minor, currency, title, day, notes } = line
  const amount = formatMinor(minor, currency)
  const split = { type: 'exact', parts: [{ member: to, amount }] } as const
  const said = { ...(notes !== undefined && { description: notes }) }
  const draft: ExpenseDraft = { kind: 'expense', title, amount, currency, date: day, payer: from, split, ...said }
  return { identity, line, commands: [{ type: 'record_expense', id: ids.expense(identity), draft }] }
}

function settlementStep(line: PaymentLine, identity: string, from: MemberRef, to: MemberRef, mapping: Mapping): ImportStep {
  const { minor, currency, title, day, notes, record } = line
  const amount = formatMinor(minor, currency)
  const dueDate = record === undefined ? day : record.due_date
  const draft: SettlementDraft = {
    payer: from,
    payee: to,
    amount: record?.amount ?? amount,
    currency,
    description: record?.description ?? title,
    ...(dueDate !== undefined && { dueDate }),
    method: record?.method ?? 'manual',
  }
  const paid =
    line.isRequest === true ? [] : [{ amount, refunded: formatMinor(0, currency), method: 'manual' as const, notes: notes ?? '' }]
  const was: SettlementElsewhere =
    record === undefined
      ? { status: paid.length > 0 ? 'completed' : 'pending', reported: formatMinor(0, currency), payments: paid }
      : settledElsewhere(record, mapping)
  return { identity, line, commands: [{ type: 'import_settlement', settlement: mapping.ids.settlement(identity), draft, was }] }
}

const settledElsewhere = ({ status, reported, payments, dispute }: ExportSettlement, mapping: Mapping): SettlementElsewhere => ({
  // A provider's payment under way is not brought along.
  status: status === 'processing' ? 'pending' : status,
  reported,
  payments: payments.map(({ amount, refunded, method, notes }) => ({ amount, refunded, method, notes })),
  ...(dispute && { dispute: { by: memberOf(dispute.by, mapping), reason: dispute.reason } }),
})
