// The document of a group in pieces, for groups that don't fit into memory: the text that `exportDocument` makes, character
// for character. Expenses come a day at a time, because the document has them by day; what is held of them, and of the
// settlements, is their shortest text.
import { AppError } from '../errors.ts'
import { canonicalFrame, entryStart, indented, keyText, listEnd, renameExpense, renameSettlement, type ExportRecord } from './canonical.ts'
import { FORMAT, VERSION, type ExportData, type ExportExpense, type ExportSettlement, type MemberKey } from './document.ts'
import { canonicalCategories, compareLists, memberKeys, orderOfExpense, orderOfSettlement } from './form.ts'
import { MemberOrder } from './member-order.ts'

/** The characters that are held of one day's expenses, or of all settlements: some 25,000 of the usual size. */
const MOST_HELD = 16_000_000

const tooLarge = (what: string): AppError =>
  new AppError('export.too_large', [
    {
      field: 'format',
      message: `${what} are more than a document can hold; take csv or xlsx`,
      code: 'TOO_LARGE',
      expected: `at most ${MOST_HELD} characters of them`,
    },
  ])

/** Records that are sorted and numbered together, held as texts. */
class Held<R extends ExportRecord> {
  readonly #orderOf: (record: R) => readonly string[]
  readonly #what: string
  #keyed: (readonly string[])[] = []
  #characters = 0

  constructor(what: string, orderOf: (record: R) => readonly string[]) {
    this.#what = what
    this.#orderOf = orderOf
  }

  add(record: R): void {
    const text = keyText({ ...record, id: '' })
    this.#characters += text.length
    if (this.#characters > MOST_HELD) throw tooLarge(this.#what)
    this.#keyed.push([...this.#orderOf(record), text])
  }

  /** What is held, in its order, as entries of the document from the number on; nothing is held any more. */
  *entries(prefix: string, from: number): Generator<string> {
    const keyed = this.#keyed.sort(compareLists)
    this.#keyed = []
    this.#characters = 0
    for (const [i, order] of keyed.entries()) {
      const record = JSON.parse(order.at(-1) ?? '') as R
      yield entryStart(from + i) + indented(JSON.stringify({ ...record, id: `${prefix}${from + i + 1}` }, undefined, 2))
    }
  }

  get size(): number {
    return this.#keyed.length
  }
}

/** What a document has beside its expenses and settlements. */
type Frame = Pick<ExportData, 'group' | 'members' | 'categories'>

/**
 * Where it `needsRecords`, all of them are noted first. Then come the head, the expenses by day, the settlements, and the end.
 * Throws `export.too_large` where one day, or the settlements, are more than can be held.
 */
export class DocumentPieces {
  readonly #frame: Frame
  readonly #categoryKeys: ReadonlyMap<string, string>
  readonly #order: MemberOrder
  readonly #day = new Held<ExportExpense>('The expenses of one day', orderOfExpense)
  readonly #settlements = new Held<ExportSettlement>('The settlements', orderOfSettlement)
  #keys: ReadonlyMap<MemberKey, MemberKey> = new Map()
  #rest: readonly string[] = []
  #date = ''
  #count = 0

  constructor(frame: Frame) {
    const { list, keys } = canonicalCategories(frame.categories)
    this.#frame = { ...frame, categories: list }
    this.#categoryKeys = keys
    this.#order = new MemberOrder(frame.members)
  }

  /** Whether there are members whom only the records tell apart. */
  get needsRecords(): boolean {
    return this.#order.needsRecords
  }

  note(record: ExportRecord): void {
    this.#order.note('split' in record ? this.#withCategories(record) : record)
  }

  head(): string {
    const ranked = this.#order.ranked()
    this.#keys = memberKeys(ranked)
    const members = ranked.map((member) => ({ ...member, id: this.#keyOf(member.id) }))
    const document = { format: FORMAT, version: VERSION, ...this.#frame, members, expenses: [], settlements: [] }
    const [head = '', ...rest] = canonicalFrame(document, 'expenses', 'settlements')
    this.#rest = rest
    return head
  }

  /** Takes the expense, and gives the day before where it is the first of its day. */
  *expense(expense: ExportExpense): Generator<string> {
    if (expense.date < this.#date) throw new RangeError(`expenses come by day: ${expense.date} after ${this.#date}`)
    if (expense.date > this.#date) yield* this.#endDay()
    this.#date = expense.date
    this.#day.add(renameExpense(this.#withCategories(expense), (member) => this.#keyOf(member)))
  }

  settlement(settlement: ExportSettlement): void {
    this.#settlements.add(renameSettlement(settlement, (member) => this.#keyOf(member)))
  }

  *end(): Generator<string> {
    yield* this.#endDay()
    const [between = '', tail = ''] = this.#rest
    yield listEnd(this.#count) + between
    const { size } = this.#settlements
    yield* this.#settlements.entries('s', 0)
    yield listEnd(size) + tail
  }

  *#endDay(): Generator<string> {
    const { size } = this.#day
    yield* this.#day.entries('e', this.#count)
    this.#count += size
  }

  #withCategories(expense: ExportExpense): ExportExpense {
    return { ...expense, categories: expense.categories.map((key) => this.#categoryKeys.get(key) ?? key) }
  }

  #keyOf(member: MemberKey): MemberKey {
    const key = this.#keys.get(member)
    // Made again, it is whole.
    if (key === undefined) throw new Error('Somebody came into the group while its document was written')
    return key
  }
}
