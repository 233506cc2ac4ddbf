// From a draft that somebody has looked at to what is asked of the ledger: each line as commands, with the identity that
// it will be known by. Nothing is decided here; the group decides.
import type { Command, ExpenseDraft, SettlementDraft } from '../commands.ts'
import type { MemberId, SplitOf } from '../expense.ts'
import { renameSplit } from '../export/canonical.ts'
import { minorIn } from '../export/amounts.ts'
import type { ExportExpense, ExportSettlement } from '../export/document.ts'
import type { MemberRef } from '../group.ts'
import type { Id } from '../ids.ts'
import { formatMinor, money } from '../money.ts'
import { err, ok, type Result } from '../result.ts'
import { isClosed, type SettlementMethod } from '../settlement.ts'
import { split } from '../split.ts'
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
}

/** What one line asks for: the first command makes the record, the others complete it. */
export interface ImportStep {
  readonly identity: string
  readonly line: ImportLine
  readonly commands: readonly Command[]
  /**
   * The split that a Quits file says was asked for, where the command has the exact shares instead: dividing again could
   * give the odd cents to others.
   */
  readonly askedSplit?: SplitOf<MemberRef, string>
}

export interface ImportPlan {
  /** In the order of the file. */
  readonly steps: readonly ImportStep[]
  /** How many lines were there already. */
  readonly skipped: number
  /** Lines that ask for nothing, such as a payment between two people who are one member here. */
  readonly notices: readonly Fault[]
}

/**
 * The commands of a draft. Lines whose identity is in `skip` ask for nothing, so a file that was imported before adds
 * nothing and one that goes on from it adds what is new. Refused where a person has no member: `UNMAPPED_PERSON`, once for
 * each person.
 */
export function commandsOf(draft: Pick<ImportDraft, 'lines'>, mapping: Mapping, skip: ReadonlySet<string>): Result<ImportPlan, Fault[]> {
  const fresh = draft.lines.map((line) => ({ line, identity: identityOf(line) })).filter(({ identity }) => !skip.has(identity))
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
      notices.push(noticeAt('NOT_TAKEN', 'The group does not take this request; it is left out', { row: line.line, got: line.title }))
      return []
    }
    if (from !== to)
      return [canSettle ? settlementStep(line, identity, from, to, mapping.ids) : movedAsExpense(line, identity, from, to, mapping.ids)]
    notices.push(
      noticeAt('SAME_MEMBER', 'Payer and payee are one member here; the payment is left out', { row: line.line, got: line.title }),
    )
    return []
  })
  return ok({ steps, skipped: draft.lines.length - fresh.length, notices })
}

/** The people that the line names. */
function peopleIn(line: ImportLine): readonly PersonRef[] {
  if (line.kind === 'payment') return [line.from, line.to]
  const people = new Set([...line.payers, ...line.shares].map(({ person }) => person))
  if (line.record !== undefined) renameSplit(line.record.split, (person) => (people.add(person), person))
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
  const asked = record === undefined ? undefined : renameSplit(record.split, (person) => memberOf(person, mapping))
  const isSafe = record !== undefined && payersAndSharesApart(line, mapping) && givesTheSame(record)
  const draft: ExpenseDraft = {
    kind,
    title,
    amount: formatMinor(minor, currency),
    currency,
    date: day,
    ...(notes !== undefined && { description: notes }),
    ...(second !== undefined ? { payers } : payer !== undefined && { payer: payer.member }),
    ...(isSafe && asked !== undefined ? { split: asked } : exact.parts.length > 0 && { split: exact }),
    ...categoriesOf(line, mapping),
    ...(record !== undefined && saidBesides(record)),
  }
  const id = mapping.ids.expense(identity)
  const commands: Command[] = [
    { type: 'record_expense', id, draft },
    ...(record?.comments ?? []).map(
      ({ text }, i) => ({ type: 'comment_expense', id, comment: mapping.ids.comment(identity, i), text }) as const,
    ),
    ...(record?.is_reconciled === true ? [{ type: 'reconcile_expense', id, isReconciled: true } as const] : []),
  ]
  return { identity, line, commands, ...(!isSafe && asked !== undefined && { askedSplit: asked }) }
}

/** Whether no two people of the split are one member, which a split refuses. */
function payersAndSharesApart(line: ExpenseLine, mapping: Mapping): boolean {
  const people = peopleIn(line)
  return new Set(people.map((person) => memberOf(person, mapping))).size === people.length
}

/** Whether dividing again gives the same shares whoever is behind: nothing is rounded, so nobody's carry has a say. */
function givesTheSame({ amount, currency, split: asked, shares }: ExportExpense): boolean {
  const minor = (text: string): number => minorIn(text, currency)
  // A key of the document stands for the member here; the split is only looked at.
  const spec = renameSplit<string, MemberId, string>(asked, (key) => `mem_${key}`)
  const counted =
    spec.type === 'exact' || spec.type === 'adjustment'
      ? { ...spec, parts: spec.parts.map((part) => ({ ...part, amount: minor(part.amount) })) }
      : spec.type === 'itemized'
        ? {
            ...spec,
            tax: minor(spec.tax),
            tip: minor(spec.tip),
            discount: minor(spec.discount),
            items: spec.items.map((item) => ({ ...item, amount: minor(item.amount) })),
          }
        : spec
  const divided = split(money(minor(amount), currency), counted, () => 0)
  if (!divided.ok || divided.value.carry.length > 0) return false
  const got = new Map(divided.value.shares.map((share) => [share.member, share.minor]))
  return got.size === shares.length && shares.every((share) => got.get(`mem_${share.member}`) === minor(share.amount))
}

function categoriesOf({ category, record }: ExpenseLine, { categories }: Mapping): { readonly categoryIds?: readonly Id<'category'>[] } {
  const names = record?.categories ?? (category === undefined ? [] : [category])
  const categoryIds = names.flatMap((name) => categories?.get(name) ?? [])
  return categoryIds.length === 0 ? {} : { categoryIds }
}

const saidBesides = ({ title, description, rate, time, tags, vendor, location }: ExportExpense): Partial<ExpenseDraft> => ({
  title,
  description,
  tags,
  vendor,
  location,
  ...(rate !== undefined && { rate }),
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

function settlementStep(line: PaymentLine, identity: string, from: MemberRef, to: MemberRef, ids: NewIds): ImportStep {
  const { minor, currency, title, day, notes, record } = line
  const amount = formatMinor(minor, currency)
  const settlement = ids.settlement(identity)
  const dueDate = record === undefined ? day : record.due_date
  const draft: SettlementDraft = {
    payer: from,
    payee: to,
    // What ended before all of it was paid is not owed any more.
    amount: record === undefined || isClosed(record.status) ? amount : record.amount,
    currency,
    description: record?.description ?? title,
    ...(dueDate !== undefined && { dueDate }),
    method: record?.method ?? 'manual',
  }
  const request: Command = { type: 'request_settlement', settlement, draft }
  const confirm = (part: PartPaid): Command => ({ type: 'confirm_settlement', settlement, as: 'received', ...part })
  const paid = line.isRequest === true ? [] : record === undefined ? [{ amount, notes: notes ?? '' }] : paidIn(record)
  return { identity, line, commands: [request, ...paid.map(confirm)] }
}

interface PartPaid {
  readonly amount: string
  readonly notes: string
  readonly method?: SettlementMethod
}

/** Each payment of the settlement, less what was refunded of it. */
const paidIn = ({ payments, currency }: ExportSettlement): PartPaid[] =>
  payments
    .map(({ amount, refunded, method, notes }) => ({ minor: minorIn(amount, currency) - minorIn(refunded, currency), method, notes }))
    .filter(({ minor }) => minor > 0)
    .map(({ minor, method, notes }) => ({ amount: formatMinor(minor, currency), method, notes }))
