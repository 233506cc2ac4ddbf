// The published rates, read from the European Central Bank's XML: a Cube for each day, and in it a Cube for each
// currency. The document comes from outside: what is not exactly of that shape is refused as a whole.
import { boundedText } from './bounded-text.ts'
import { EUR, isCurrency, type Currency } from '../domain/currency.ts'
import type { PublishedRates } from '../domain/rates.ts'
import { isDay, SECOND } from '../domain/time.ts'

const TIMEOUT_MS = 15 * SECOND
/** The ninety days that the bank offers are a tenth of this. */
const MAX_BYTES = 1_000_000
/** The envelope and three levels of Cube. */
const MAX_DEPTH = 4

const TEXT = /[^<]*/y
const TAG = /<(\/?)([\w.:-]+)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y
const ATTRIBUTE = /([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g
const PROLOGUE = /^\s*(?:<\?xml\s[^<>]*\?>)?/
const DECIMAL = /^\d{1,9}(?:\.\d{1,9})?$/

interface Tag {
  readonly name: string
  readonly kind: 'opens' | 'closes' | 'stands alone'
  readonly attributes: ReadonlyMap<string, string>
}

/** The tags in order. Comments, CDATA and declarations, which the bank does not use, are refused like broken tags. */
function* tagsOf(xml: string): Generator<Tag> {
  let at = PROLOGUE.exec(xml)?.[0].length ?? 0
  for (;;) {
    TEXT.lastIndex = at
    at += TEXT.exec(xml)?.[0].length ?? 0
    if (at === xml.length) return
    TAG.lastIndex = at
    const [all, closes, name, attributes = '', alone] = TAG.exec(xml) ?? []
    if (all === undefined || name === undefined) throw new Error(`the rates are not XML of tags and text, at ${at}`)
    at += all.length
    const kind = closes === '/' ? 'closes' : alone === '/' ? 'stands alone' : 'opens'
    yield {
      name,
      kind,
      attributes: new Map([...attributes.matchAll(ATTRIBUTE)].map(([, key = '', double, single]) => [key, double ?? single ?? ''])),
    }
  }
}

/** The rate that a Cube of the innermost level tells. */
function rateOf(attributes: ReadonlyMap<string, string>, known: ReadonlyMap<Currency, string>): [Currency, string] {
  const [currency = '', rate = ''] = [attributes.get('currency'), attributes.get('rate')]
  if (!isCurrency(currency) || currency === EUR || known.has(currency))
    throw new Error(`not a currency that can be there: ${currency.slice(0, 20)}`)
  if (!DECIMAL.test(rate) || Number(rate) === 0) throw new Error(`not a rate of ${currency}: ${rate.slice(0, 20)}`)
  return [currency, rate]
}

/** Reads the document. Throws `Error` unless every tag is closed, every day exists and every rate is a positive decimal of a known currency. */
function parseRates(xml: string): PublishedRates[] {
  const open: string[] = []
  const days = new Map<string, Map<Currency, string>>()
  let day = new Map<Currency, string>()
  for (const { name, kind, attributes } of tagsOf(xml)) {
    if (kind === 'closes') {
      if (open.pop() !== name) throw new Error(`</${name.slice(0, 20)}> closes what is not open`)
      continue
    }
    if (open.length === 0 && name !== 'gesmes:Envelope') throw new Error(`<${name.slice(0, 20)}> is not the envelope of rates`)
    if (open.length >= MAX_DEPTH) throw new Error(`<${name.slice(0, 20)}> is too deep`)
    const depth = open.filter((one) => one === 'Cube').length
    if (depth > 0 && (name !== 'Cube' || depth > 2)) throw new Error(`<${name.slice(0, 20)}> does not belong among rates`)
    if (name === 'Cube' && depth === 1) {
      const date = attributes.get('time') ?? ''
      if (!isDay(date) || days.has(date)) throw new Error(`not a day that can be there: ${date.slice(0, 20)}`)
      days.set(date, (day = new Map()))
    }
    if (name === 'Cube' && depth === 2) day.set(...rateOf(attributes, day))
    if (kind === 'opens') open.push(name)
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)}> is not closed`)
  const published = [...days].map(([date, rates]) => ({ date: date as PublishedRates['date'], perEuro: [...rates] }))
  if (published.length === 0 || published.some(({ perEuro }) => perEuro.length === 0))
    throw new Error('the document has no rates, or a day without')
  return published
}

/**
 * The rates published at the URL, in units for one euro, day by day as the document has them: of one day
 * (`eurofxref-daily.xml`) or of several (`eurofxref-hist-90d.xml`).
 * Throws `Error` on any answer but 200 (a redirect, too), after 15 s, beyond 1 MB, and where `parseRates` does.
 * Source: https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates
 */
export async function fetchRates(url: string): Promise<PublishedRates[]> {
  const response = await fetch(url, {
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: { Accept: 'application/xml, text/xml' },
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`the rates were answered with ${response.status}`)
  }
  return parseRates(await boundedText(response, MAX_BYTES, new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })))
}
