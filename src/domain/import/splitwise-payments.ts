// Which rows of a Splitwise export are payments. In the figures a payment is the same as an expense that one person paid
// and another bore all of; only the category tells them apart, and it is a word in the language of the export.
import { noticeAt, type Fault } from './draft.ts'
import { abs, type ReadRow } from './splitwise-rows.ts'

/** What the category of payments is called, without accents and in small letters. */
const PAYMENT = new Set(
  (
    'payment, paiement, versement, zahlung, bezahlung, pago, pagamento, betaling, platnosc, wplata, platba, maksu, betalning, odeme, ' +
    'pembayaran, bayaran, plata, fizetes, платеж, оплата, платіж, πληρωμη, thanh toan, pagament, ' +
    '支払い, 支払, お支払い, 付款, 支付, 결제, 지불, 납부, การชำระเงิน, תשלום, भुगतान, دفع, دفعة'
  ).split(', '),
)

const folded = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .replaceAll('ł', 'l')
    .replaceAll('Ł', 'l')
    .toLowerCase()
    .trim()

const FOLDED_PAYMENT: ReadonlySet<string> = new Set([...PAYMENT].map(folded))

/** Whether the figures are those of a payment: all that one member is up, another is down, and it is the whole cost. */
export function isBetweenTwo({ cost, nets }: ReadRow): boolean {
  const moved = nets.filter((net) => net !== 0n)
  return cost > 0n && moved.length === 2 && moved.every((net) => abs(net) === cost)
}

/**
 * Tells payments from expenses. A category that is called "Payment" in a language that is known has payments. Where no
 * category of the file is, and the file is not in English, a category is taken for that of payments if all its rows have
 * the figures of payments; that is said.
 */
export function paymentCategories(rows: readonly ReadRow[], headings: readonly string[], faults: Fault[]): (row: ReadRow) => boolean {
  const named = new Set(rows.map((row) => row.category).filter((category) => FOLDED_PAYMENT.has(folded(category))))
  if (named.size > 0 || isEnglish(headings)) return (row) => named.has(row.category) && isBetweenTwo(row)
  const others = new Set(rows.filter((row) => !isBetweenTwo(row)).map((row) => row.category))
  const taken = new Set(rows.map((row) => row.category).filter((category) => !others.has(category)))
  for (const category of taken) {
    const message = 'All rows of this category have the figures of payments, so they were read as such'
    faults.push(noticeAt('READ_AS_PAYMENTS', message, { got: category }))
  }
  return (row) => taken.has(row.category)
}

const isEnglish = (headings: readonly string[]): boolean =>
  headings.some((heading) => /^(?:description|cost|category)$/i.test(heading.trim()))
