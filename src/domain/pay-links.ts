// Ways to pay someone with one tap or one scan: what a bank's app, UPI, PayPal or Venmo opens with everything filled in.
// Nothing here moves money or proves that any moved. What can't be offered says why, and the text always can.
import { type Currency, CURRENCIES, EUR, USD, exponentOf, symbolOf } from './currency.ts'
import { EPC_MAX_MINOR, epcName, epcPayload, epcReference } from './epc.ts'
import { bicFault, ibanFault, isSepaIban, needsBic, printIban } from './iban.ts'
import { isId } from './ids.ts'
import { formatMinor, money } from './money.ts'
import { cut, oneLine, shorten } from './one-line.ts'

/** Where the payee takes money. Names of accounts are taken with or without the `@` that people put before them. */
export type PayTarget =
  | { readonly type: 'bank_account'; readonly iban: string; readonly bic?: string; readonly holder: string }
  | { readonly type: 'upi'; readonly vpa: string }
  | { readonly type: 'paypal'; readonly name: string }
  | { readonly type: 'venmo'; readonly username: string }
  | { readonly type: 'cash' | 'manual' }

/** Minor units of the currency that the payee is to get, and what the payment is found by. */
export interface PayRequest {
  readonly minor: number
  readonly currency: Currency
  readonly payeeName: string
  /** At most 140 characters, the id last: `Quits Roommates stl_…`. */
  readonly reference: string
  readonly target: PayTarget
}

type PayLinkKind = 'sepa_qr' | 'upi' | 'paypal' | 'venmo' | 'text'

export interface PayLink {
  readonly kind: PayLinkKind
  /** What a phone opens. */
  readonly url?: string
  /** What a QR holds. */
  readonly payload?: string
  /** The same for people, in one line. */
  readonly text: string
}

/** `target`: what names the account is wrong. `country`: the bank is outside of SEPA. `bic`, `name`: needed there and missing. */
type WithheldReason = 'amount' | 'currency' | 'target' | 'country' | 'bic' | 'name'

/** A way that the target has, and that this payment can't take. */
interface WithheldLink {
  readonly kind: PayLinkKind
  readonly reason: WithheldReason
  readonly message: string
}

export interface PayLinks {
  readonly links: readonly PayLink[]
  readonly withheld: readonly WithheldLink[]
}

/** The currencies that PayPal takes and the most decimals it takes of each (PayPal Developer, "Currency codes"). */
const PAYPAL_DECIMALS: ReadonlyMap<string, number> = new Map([
  ...'AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD ILS MXN MYR NOK NZD PHP PLN SEK SGD THB USD'.split(' ').map((code) => [code, 2] as const),
  ...'HUF JPY TWD'.split(' ').map((code) => [code, 0] as const),
])

/** What integrators of UPI give as the longest note and name. An app may refuse the whole link for a longer one. */
const UPI_NOTE_LENGTH = 50
const UPI_NAME_LENGTH = 99

const bare = (name: string): string => name.trim().replace(/^@/, '')

const got = (text: string): string => JSON.stringify(cut(oneLine(text), 60))

/**
 * What is wrong with what names the account, in words with what was expected and what came; `undefined` when nothing is.
 * Names are held to what PayPal.Me and Venmo let people choose, and to nothing that could change an address.
 */
export function targetFault(target: PayTarget): string | undefined {
  switch (target.type) {
    case 'bank_account':
      return ibanFault(target.iban) ?? (target.bic === undefined ? undefined : bicFault(target.bic))
    case 'upi':
      if (/^[\w.-]{2,256}@[A-Za-z][A-Za-z0-9]{1,63}$/.test(target.vpa.trim())) return undefined
      return `A UPI address is name@bank, got ${got(target.vpa)}`
    case 'paypal':
      if (/^[A-Za-z0-9]{1,20}$/.test(bare(target.name))) return undefined
      return `A PayPal.Me name is 1 to 20 letters or digits, got ${got(target.name)}`
    case 'venmo':
      if (/^[\w-]{1,30}$/.test(bare(target.username))) return undefined
      return `A Venmo username is 1 to 30 letters, digits, - or _, got ${got(target.username)}`
    case 'cash':
    case 'manual':
      return undefined
  }
}

/** The amount as people read it; with the code where the sign is a word or stands for several currencies: `€45.67`, `JPY 1200`. */
function printAmount({ minor, currency }: PayRequest): string {
  const sign = symbolOf(currency)
  const amount = formatMinor(minor, currency)
  const plain = !/^\p{L}+$/u.test(sign) && CURRENCIES.filter((code) => symbolOf(code) === sign).length === 1
  return plain ? sign + amount : `${currency} ${amount}`
}

const payText = (request: PayRequest): string => oneLine(`Pay ${request.payeeName} ${printAmount(request)}`)

const withReference = (text: string, reference: string): string => (reference === '' ? text : `${text}, reference ${reference}`)

const holderOf = (request: PayRequest, holder: string): string => oneLine(holder) || oneLine(request.payeeName)

/** The whole in words. What is wrong with the target is left out, as nobody should type it into a bank's form. */
function instruction(request: PayRequest): string {
  const { target } = request
  const text = payText(request)
  const reference = oneLine(request.reference)
  if (targetFault(target) !== undefined) return withReference(text, reference)
  switch (target.type) {
    case 'bank_account': {
      const bic = target.bic === undefined ? '' : `, BIC ${target.bic.trim().toUpperCase()}`
      const account = `${text} by bank transfer: ${holderOf(request, target.holder)}, IBAN ${printIban(target.iban)}${bic}`
      return withReference(account, isSepaIban(target.iban) ? epcReference(reference) : reference)
    }
    case 'upi':
      return withReference(`${text} by UPI to ${target.vpa.trim()}`, reference)
    case 'paypal':
      return withReference(`${text} with PayPal to paypal.me/${bare(target.name)}`, reference)
    case 'venmo':
      return withReference(`${text} with Venmo to @${bare(target.username)}`, reference)
    case 'cash':
      return withReference(`${text} in cash`, reference)
    case 'manual':
      return withReference(text, reference)
  }
}

const withhold = (kind: PayLinkKind, reason: WithheldReason, message: string): WithheldLink => ({ kind, reason, message })

const needs = (kind: PayLinkKind, what: string, expected: string, currency: Currency): WithheldLink =>
  withhold(kind, 'currency', `${what} moves ${expected} only, got ${currency}`)

function sepaQr(request: PayRequest, target: PayTarget & { type: 'bank_account' }): PayLink | WithheldLink {
  const { minor, currency, reference } = request
  const kind = 'sepa_qr'
  if (currency !== EUR) return needs(kind, 'A SEPA transfer', EUR, currency)
  if (minor > EPC_MAX_MINOR) {
    const most = formatMinor(EPC_MAX_MINOR, EUR)
    return withhold(kind, 'amount', `A SEPA transfer is at most €${most}, got €${formatMinor(minor, EUR)}`)
  }
  const { iban, bic } = target
  const country = iban.trim().slice(0, 2).toUpperCase()
  if (!isSepaIban(iban)) return withhold(kind, 'country', `A SEPA transfer goes to a country of SEPA, got an account in ${country}`)
  if (bic === undefined && needsBic(iban)) {
    return withhold(kind, 'bic', `The BIC of the bank is needed outside of the EEA, got none for an account in ${country}`)
  }
  const name = epcName(target.holder) || epcName(request.payeeName)
  if (name === '') return withhold(kind, 'name', 'The name of the account holder needs a letter or a digit, got none')
  const payload = epcPayload({ name, iban, bic, minor, reference })
  return { kind, payload, text: `${payText(request)}: scan this with the app of your bank` }
}

/** `upi://pay` with the parameters of NPCI's "UPI Linking Specifications" 1.6; spaces are `%20`, since some apps show a `+`. */
function upi(request: PayRequest, { vpa }: PayTarget & { type: 'upi' }): PayLink | WithheldLink {
  const { minor, currency } = request
  if (currency !== 'INR') return needs('upi', 'UPI', 'INR', currency)
  const reference = oneLine(request.reference)
  const settlement = reference.split(' ').findLast((word) => isId('settlement', word))
  const query = queryOf({
    pn: cut(oneLine(request.payeeName), UPI_NAME_LENGTH),
    am: formatMinor(minor, currency),
    cu: currency,
    tn: shorten(reference, UPI_NOTE_LENGTH),
    // A transaction reference is 35 letters and digits at most, so an id loses its underscore.
    tr: settlement?.replace('_', '') ?? '',
  })
  // The address goes as it is: apps look for its `@`.
  const url = `upi://pay?pa=${vpa.trim()}&${query}`
  return { kind: 'upi', url, payload: url, text: `${payText(request)} with an app for UPI` }
}

/** `paypal.com/paypalme/name/45.67EUR`, the link that PayPal.Me documents for a set amount. It carries no reference. */
function paypal(request: PayRequest, { name }: PayTarget & { type: 'paypal' }): PayLink | WithheldLink {
  const { minor, currency } = request
  const decimals = PAYPAL_DECIMALS.get(currency)
  if (decimals === undefined) return needs('paypal', 'PayPal', [...PAYPAL_DECIMALS.keys()].sort().join(', '), currency)
  const step = 10 ** (exponentOf(currency) - decimals)
  if (minor % step !== 0) {
    return withhold('paypal', 'amount', `PayPal takes whole ${currency} only, got ${formatMinor(minor, currency)}`)
  }
  const amount = decimals === 0 ? String(minor / step) : formatMinor(minor, currency)
  const url = `https://www.paypal.com/paypalme/${bare(name)}/${amount}${currency}`
  return { kind: 'paypal', url, text: `${payText(request)} with PayPal` }
}

/** `venmo.com/name?txn=pay`: Venmo documents no parameters, these are the ones its own apps have taken for years. */
function venmo(request: PayRequest, { username }: PayTarget & { type: 'venmo' }): PayLink | WithheldLink {
  const { minor, currency, reference } = request
  if (currency !== USD) return needs('venmo', 'Venmo', USD, currency)
  const query = queryOf({ txn: 'pay', amount: formatMinor(minor, currency), note: oneLine(reference) })
  return { kind: 'venmo', url: `https://venmo.com/${bare(username)}?${query}`, text: `${payText(request)} with Venmo` }
}

const queryOf = (parameters: Readonly<Record<string, string>>): string =>
  Object.entries(parameters)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')

const KIND: Readonly<Record<PayTarget['type'], PayLinkKind>> = {
  bank_account: 'sepa_qr',
  upi: 'upi',
  paypal: 'paypal',
  venmo: 'venmo',
  cash: 'text',
  manual: 'text',
}

/** The link that is made for the target; `undefined` where only words can be said. */
function linkFor(request: PayRequest): PayLink | WithheldLink | undefined {
  const { target } = request
  const fault = targetFault(target)
  if (fault !== undefined) return withhold(KIND[target.type], 'target', fault)
  switch (target.type) {
    case 'bank_account':
      return sepaQr(request, target)
    case 'upi':
      return upi(request, target)
    case 'paypal':
      return paypal(request, target)
    case 'venmo':
      return venmo(request, target)
    case 'cash':
    case 'manual':
      return undefined
  }
}

/**
 * How the payee can be paid: the link of their target where it takes the payment, then the same in words. What the target
 * has and can't be offered is in `withheld`, with the reason; for nothing or less all is.
 * Throws `RangeError` unless the amount is whole minor units.
 */
export function payLinks(request: PayRequest): PayLinks {
  const { minor, currency } = money(request.minor, request.currency)
  if (minor <= 0) {
    const message = `More than nothing was expected, got ${formatMinor(minor, currency)} ${currency}`
    const kinds = new Set<PayLinkKind>([KIND[request.target.type], 'text'])
    return { links: [], withheld: [...kinds].map((kind) => withhold(kind, 'amount', message)) }
  }
  const link = linkFor(request)
  const text: PayLink = { kind: 'text', text: instruction(request) }
  if (link === undefined) return { links: [text], withheld: [] }
  return 'reason' in link ? { links: [text], withheld: [link] } : { links: [link, text], withheld: [] }
}
