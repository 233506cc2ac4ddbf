// ISO 4217: the codes in use, how many decimals each has, and the sign people write for it.

const DECIMALS: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2:
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP ' +
    'CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS ' +
    'KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD ' +
    'PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP ' +
    'TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWG',
  3: 'BHD IQD JOD KWD LYD OMR TND',
}

const EXPONENT: ReadonlyMap<string, number> = new Map(
  Object.entries(DECIMALS).flatMap(([decimals, codes]) => codes.split(' ').map((code) => [code, Number(decimals)] as const)),
)

const SYMBOL: Readonly<Record<string, string>> = {
  USD: '$', EUR: '€', GBP: '£', JPY: '¥', CNY: '¥', INR: '₹', KRW: '₩', RUB: '₽', TRY: '₺', UAH: '₴', VND: '₫',
  ILS: '₪', NGN: '₦', PHP: '₱', THB: '฿', BRL: 'R$', AUD: 'A$', CAD: 'C$', NZD: 'NZ$', HKD: 'HK$', SGD: 'S$',
  TWD: 'NT$', MXN: 'MX$', CHF: 'CHF', SEK: 'kr', NOK: 'kr', DKK: 'kr', ISK: 'kr', PLN: 'zł', CZK: 'Kč', HUF: 'Ft',
  RON: 'lei', BGN: 'лв', MYR: 'RM', IDR: 'Rp', ZAR: 'R', KZT: '₸', GEL: '₾', CRC: '₡', PYG: '₲', GHS: '₵',
} // oxfmt-ignore

/** A code of ISO 4217 that is in use, such as `EUR`. */
export type Currency = string & { readonly __currency: true }

/** Whether the code is one that amounts can be kept in. */
export const isCurrency = (code: string): code is Currency => EXPONENT.has(code)

/** The two that the project itself names: what rates are told against, and what accounts begin with. */
export const EUR = 'EUR' as Currency
export const USD = 'USD' as Currency

/** How many decimals the currency has: JPY 0, USD 2, KWD 3. */
export const exponentOf = (currency: Currency): number => EXPONENT.get(currency) ?? 2

/** The sign people write for it, or the code where there is none. */
export const symbolOf = (currency: Currency): string => SYMBOL[currency] ?? currency

/** Every code, in alphabetical order. */
export const CURRENCIES: readonly Currency[] = [...EXPONENT.keys()].filter(isCurrency).sort()
