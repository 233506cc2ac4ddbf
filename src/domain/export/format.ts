// The text of a Quits export: written in one way only, read strictly. `document.ts` says what is in it.
import { type Currency, isCurrency } from '../currency.ts'
import type { SplitOf } from '../expense.ts'
import { GROUP_TYPES } from '../group.ts'
import { type Fault, errorAt } from '../import/draft.ts'
import { err, ok, type Result } from '../result.ts'
import { SETTLEMENT_METHODS, SETTLEMENT_STATUSES } from '../settlement.ts'
import { type ClockTime, type Day, isDay } from '../time.ts'
import { COLOR, ICON, LONGEST, MOST_CATEGORIES, MOST_TAGS } from '../written.ts'
import { canonicalJson } from './canonical.ts'
import { canonicalForm } from './form.ts'
import { faultsOfContent } from './content-faults.ts'
import { type Decoder, flag, line, list, object, oneOf, onlyTrue, optional, required, text, textThat, variant, whole } from './decode.ts'
import {
  FORMAT,
  VERSION,
  type ExportAttachment,
  type ExportCategory,
  type ExportClaims,
  type ExportComment,
  type ExportData,
  type ExportExpense,
  type ExportGroup,
  type ExportMember,
  type ExportPayment,
  type ExportPortion,
  type ExportPosting,
  type ExportSettlement,
  type ExportShare,
} from './document.ts'

/** Reading holds all of it, which writing does not: a longer one is written, and not read again. */
const MAX_TEXT = 64_000_000
const MAX_RECORDS = 100_000
const MAX_LIST = 1000
const DAY_LENGTH = 10

/** The document of the data: canonical JSON, so that the same content always has the same bytes. */
export const exportDocument = (data: ExportData): string => canonicalJson({ format: FORMAT, version: VERSION, ...canonicalForm(data) })

/**
 * Reads a document. Whatever is off is refused with its place (`expenses[3].amount`), what was expected and what came:
 * another format or version, unknown and missing fields, members that are not there, sums that don't add up.
 */
export function readExport(json: string): Result<ExportData, Fault[]> {
  const refuse = (code: string, message: string, expected: string, got: string) => err([errorAt(code, message, { expected, got })])
  if (json.length > MAX_TEXT) return refuse('TOO_LARGE', 'The document is too large', `at most ${MAX_TEXT} characters`, String(json.length))
  const parsed = parse(json)
  if (!parsed.ok) return refuse('NOT_JSON', 'This is not JSON', 'a JSON document of Quits', parsed.error)
  const { format, version } = (typeof parsed.value === 'object' && parsed.value !== null ? parsed.value : {}) as Record<string, unknown>
  if (format !== FORMAT) return refuse('NOT_QUITS', 'This is not an export of Quits', `"format": "${FORMAT}"`, `"format": ${shown(format)}`)
  if (version !== VERSION) {
    return refuse(
      'UNKNOWN_VERSION',
      'This version of the format is not known here',
      `"version": ${VERSION}`,
      `"version": ${shown(version)}`,
    )
  }
  const faults: Fault[] = []
  const document = Document(parsed.value, 'document', faults)
  if (document === undefined) return err(faults)
  const { format: _format, version: _version, ...data } = document
  const wrong = faultsOfContent(data)
  return wrong.length > 0 ? err(wrong) : ok(data)
}

function parse(json: string): Result<unknown, string> {
  try {
    return ok(JSON.parse(json.startsWith('\uFEFF') ? json.slice(1) : json) as unknown)
  } catch (error) {
    return err(error instanceof Error ? error.message.slice(0, 100) : 'something else')
  }
}

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 40))

const currency: Decoder<Currency> = textThat(isCurrency, 'a currency such as EUR')
const day: Decoder<Day> = textThat(isDay, 'a day such as 2026-11-20')
const clock: Decoder<ClockTime> = textThat((value) => /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(value), 'a time such as 19:30:00')
const instant: Decoder<string> = textThat(
  (value) => /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/.test(value) && isDay(value.slice(0, DAY_LENGTH)),
  'an instant such as 2026-11-20T10:30:00.000Z',
)
/** What it means in its currency is checked with the rest of the content. */
const amount: Decoder<string> = textThat((value) => /^-?\d{1,15}(?:\.\d{1,4})?$/.test(value), 'an amount such as "62.50"')
const ratio: Decoder<string> = textThat((value) => /^\d{1,18}(?:\.\d{1,18})?$/.test(value), 'a decimal such as "33.3333"')
const portion: Decoder<string> = textThat((value) => /^\d{1,9}(?:\/\d{1,9})?$/.test(value), 'a fraction such as "1/3"')
const key = line(60, 1)

const Group = object<ExportGroup>({
  name: required(line(LONGEST.groupName, 1)),
  description: required(text(LONGEST.groupDescription)),
  type: required(oneOf(GROUP_TYPES)),
  currency: required(currency),
  is_private: required(flag),
  settings: required(
    object<ExportGroup['settings']>({
      simplify_debts: required(flag),
      require_approval: required(flag),
      approval_threshold: optional(amount),
      auto_reminder: required(flag),
      currencies: required(oneOf(['converted', 'separate'])),
      trust_payers: optional(flag),
    }),
  ),
})

const Member = object<ExportMember>({
  id: required(key),
  name: required(line(LONGEST.fullName, 1)),
  email: optional(line(320, 3)),
  has_left: optional(onlyTrue),
})

const Category = object<ExportCategory>({
  id: required(key),
  name: required(line(LONGEST.category, 1)),
  icon: required(textThat((value) => ICON.test(value), 'a name such as "casino"')),
  color: required(textThat((value) => COLOR.test(value), 'a color such as "#5C7CFA"')),
  parent: optional(key),
})

const Portion = object<ExportPortion>({ member: required(key), amount: required(amount) })
const Share = object<ExportShare>({
  member: required(key),
  amount: required(amount),
  percentage: optional(ratio),
  weight: optional(ratio),
})
const Posting = object<ExportPosting>({ member: required(key), paid: required(amount), owed: required(amount) })
const Weighted = object<{ member: string; weight: string }>({ member: required(key), weight: required(ratio) })

type Split = SplitOf<string, string>
type SplitNamed<T extends Split['type']> = Extract<Split, { type: T }>
const portions = list(Portion, MAX_LIST, 1)

const SplitIn: Decoder<Split> = variant<Split>('type', {
  equal: object<SplitNamed<'equal'>>({ type: required(oneOf(['equal'])), members: required(list(key, MAX_LIST, 1)) }),
  exact: object<SplitNamed<'exact'>>({ type: required(oneOf(['exact'])), parts: required(portions) }),
  adjustment: object<SplitNamed<'adjustment'>>({ type: required(oneOf(['adjustment'])), parts: required(portions) }),
  shares: object<SplitNamed<'shares'>>({ type: required(oneOf(['shares'])), parts: required(list(Weighted, MAX_LIST, 1)) }),
  percentage: object<SplitNamed<'percentage'>>({
    type: required(oneOf(['percentage'])),
    parts: required(
      list(object<{ member: string; percentage: string }>({ member: required(key), percentage: required(ratio) }), MAX_LIST, 1),
    ),
  }),
  itemized: object<SplitNamed<'itemized'>>({
    type: required(oneOf(['itemized'])),
    tax: required(amount),
    tip: required(amount),
    discount: required(amount),
    items: required(
      list(
        object<SplitNamed<'itemized'>['items'][number]>({
          // That of a receipt may have no name.
          name: required(line(LONGEST.item)),
          amount: required(amount),
          quantity: optional(ratio),
          parts: required(list(Weighted, MAX_LIST, 1)),
        }),
        MAX_LIST,
        1,
      ),
    ),
  }),
})

const Claims = object<ExportClaims>({
  is_open: required(flag),
  bearer: required(key),
  lines: required(
    list(list(object<{ member: string; portion: string }>({ member: required(key), portion: required(portion) }), MAX_LIST), MAX_LIST),
  ),
})

const Attachment = object<ExportAttachment>({
  name: required(line(300, 1)),
  type: required(line(100, 1)),
  size: required(whole(1e12)),
  sha256: required(textThat((value) => /^[\da-f]{64}$/.test(value), '64 hexadecimal digits')),
})

const Comment = object<ExportComment>({ member: required(key), text: required(text(LONGEST.comment, 1)), at: optional(instant) })

const Expense = object<ExportExpense>({
  id: required(key),
  kind: required(oneOf(['expense', 'income'])),
  title: required(line(LONGEST.title, 1)),
  description: required(text(LONGEST.description)),
  amount: required(amount),
  currency: required(currency),
  postings: optional(list(Posting, MAX_LIST, 1)),
  rate: optional(ratio),
  payers: required(portions),
  split: required(SplitIn),
  shares: required(list(Share, MAX_LIST, 1)),
  categories: required(list(key, MOST_CATEGORIES)),
  date: required(day),
  time: optional(clock),
  tags: required(list(line(LONGEST.tag, 1), MOST_TAGS)),
  vendor: required(line(LONGEST.vendor)),
  location: required(line(LONGEST.location)),
  status: required(oneOf(['posted', 'pending', 'rejected'])),
  claims: optional(Claims),
  is_reconciled: optional(onlyTrue),
  is_deleted: optional(onlyTrue),
  attachments: required(list(Attachment, 100)),
  comments: required(list(Comment, 10_000)),
})

const Settlement = object<ExportSettlement>({
  id: required(key),
  payer: required(key),
  payee: required(key),
  amount: required(amount),
  currency: required(currency),
  paid: required(amount),
  reported: required(amount),
  status: required(oneOf(SETTLEMENT_STATUSES)),
  method: required(oneOf(SETTLEMENT_METHODS)),
  description: required(text(LONGEST.settlement)),
  due_date: optional(day),
  payments: required(
    list(
      object<ExportPayment>({
        amount: required(amount),
        refunded: required(amount),
        method: required(oneOf(SETTLEMENT_METHODS)),
        notes: required(line(LONGEST.settlement)),
        at: optional(instant),
      }),
      MAX_LIST,
    ),
  ),
  dispute: optional(object<{ by: string; reason: string }>({ by: required(key), reason: required(line(LONGEST.settlement, 1)) })),
})

const Document = object<ExportData & { readonly format: string; readonly version: number }>({
  format: required(line(20)),
  version: required(whole(1000)),
  group: required(Group),
  members: required(list(Member, MAX_LIST)),
  categories: required(list(Category, 10_000)),
  expenses: required(list(Expense, MAX_RECORDS)),
  settlements: required(list(Settlement, MAX_RECORDS)),
})
