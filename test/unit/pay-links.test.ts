// Guarantees of the ways to pay: what a bank's app, UPI, PayPal or Venmo reads is exactly what was asked for, whatever
// people call themselves and their groups.
import { encode } from 'uqr'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EPC_MAX_MINOR, epcName, epcPayload, epcReference } from '../../src/domain/epc.ts'
import { bicFault, ibanFault, isCreditorReference, printIban } from '../../src/domain/iban.ts'
import { MAX_MINOR } from '../../src/domain/money.ts'
import { type PayLink, type PayRequest, type PayTarget, payLinks, targetFault } from '../../src/domain/pay-links.ts'
import { EPC_QR, qrSvg } from '../../src/platform/qr.ts'
import { amount } from '../support/amounts.ts'
import { modulesOf, readQr } from '../support/qr-reader.ts'

const ID = 'stl_01h455vb4pex5vsknk084sn02q'
const GERMAN = 'DE89370400440532013000'
const BANK = { type: 'bank_account', iban: GERMAN, holder: 'Jane Smith' } as const
const UPI = { type: 'upi', vpa: 'jane@okbank' } as const
const PAYPAL = { type: 'paypal', name: 'janesmith' } as const
const VENMO = { type: 'venmo', username: 'jane-smith' } as const

const ask = (text: string, target: PayTarget, rest: Partial<PayRequest> = {}): PayRequest => ({
  ...amount(text),
  payeeName: 'Jane Smith',
  reference: `Quits Roommates ${ID}`,
  target,
  ...rest,
})

const rowsOf = (table: string): string[][] =>
  table
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))

function linkOf(request: PayRequest): PayLink {
  const { links, withheld } = payLinks(request)
  expect(withheld).toEqual([])
  return links[0]!
}

const urlOf = (request: PayRequest): string => linkOf(request).url ?? ''
const parametersOf = (request: PayRequest) => Object.fromEntries(new URL(urlOf(request)).searchParams)
const reasonOf = (request: PayRequest) => payLinks(request).withheld.map(({ kind, reason, message }) => `${kind} ${reason}: ${message}`)

/** Anything that can be in a string: letters of every script, emoji, controls, halves of characters. */
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 200 }).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: fc.constantFrom(...' \n\r\u2028/_&ßéжψ山🏖ế́'), maxLength: 200 }),
)

describe('ibanFault', () => {
  test('an IBAN of the registry is sound, however it is spaced and whatever its case', () => {
    // The examples of the IBAN Registry.
    const examples = `AD1200012030200359100100 AT611904300234573201 BE68539007547034 BG80BNBG96611020345678 CH9300762011623852957
      CY17002001280000001200527600 CZ6508000000192000145399 DE89370400440532013000 DK5000400440116243 EE382200221020145685
      ES9121000418450200051332 FI2112345600000785 FR1420041010050500013M02606 GB29NWBK60161331926819 GI75NWBK000000007099453
      GR1601101250000000012300695 HR1210010051863000160 HU42117730161111101800000000 IE29AIBK93115212345678 IS140159260076545510730339
      IT60X0542811101000000123456 LI21088100002324013AA LT121000011101001000 LU280019400644750000 LV80BANK0000435195001
      MC5811222000010123456789030 MT84MALT011000012345MTLCAST001S NL91ABNA0417164300 NO9386011117947 PL61109010140000071219812874
      PT50000201231234567890154 RO49AAAA1B31007593840000 SE4550000000058398257466 SI56263300012039086 SK3112000000198742637541
      SM86U0322509800000000270100 VA59001123000012345678 AL47212110090000000235698741 MD24AG000225100013104168
      ME25505000012345678951 MK07250120000058984 RS35260005601001611379 AE070331234567890123456 TR330006100519786457841326`
    for (const iban of examples.split(/\s+/)) {
      expect([iban, ibanFault(iban)]).toEqual([iban, undefined])
      expect(ibanFault(` ${printIban(iban).toLowerCase()} `)).toBeUndefined()
    }
  })

  test.each(
    rowsOf(`
                                 | An IBAN was expected, got nothing
      DE89 3704 0044 0532 0130 0 | An IBAN of DE has 22 characters, got 21
      DE89370400440532013O00     | A character is wrong or two are swapped: the remainder by 97 should be 1, got 13
      DE89370400440532010300     | A character is wrong or two are swapped: the remainder by 97 should be 1, got 45
      DE00370400440532013000     | The check digits of an IBAN are 02 to 98, got 00
      DEX9370400440532013000     | After the country an IBAN has two check digits, got "X9"
      4989370400440532013000     | An IBAN begins with the two letters of a country, got "49"
      DE89_70400440532013000     | An IBAN has only letters A to Z and digits, got "_"
      TR3300061005               | An IBAN has 15 to 34 characters, got 12`),
  )('%s: %s', (iban = '', fault) => {
    expect(ibanFault(iban)).toBe(fault)
  })

  test('one wrong digit, or two neighbours swapped, is always noticed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20 }), fc.integer({ min: 0, max: 9 }), (at, digit) => {
        const wrong = GERMAN.slice(0, at) + digit + GERMAN.slice(at + 1)
        expect(ibanFault(wrong) === undefined).toBe(wrong === GERMAN)
        const swapped = GERMAN.slice(0, at) + GERMAN[at + 1]! + GERMAN[at]! + GERMAN.slice(at + 2)
        expect(ibanFault(swapped) === undefined).toBe(swapped === GERMAN)
      }),
    )
  })

  test('a BIC has 8 or 11 characters with a country in the middle', () => {
    expect(['COBADEFF', 'cobadeffxxx', 'BPOTBEB1'].map(bicFault)).toEqual([undefined, undefined, undefined])
    expect(bicFault('COBADEF')).toBe('A BIC has 8 or 11 characters, got 7')
    expect(bicFault('COBA12FF')).toMatch(/two letters of its country.*"COBA12FF"/)
  })
})

describe('epcPayload', () => {
  test("the guideline's example is written as the guideline does, in version 002", () => {
    const payload = epcPayload({
      bic: 'BPOTBEB1',
      name: 'Red Cross of Belgium',
      iban: 'BE72 0000 0000 1616',
      minor: 100,
      purpose: 'CHAR',
      reference: 'Urgency fund',
    })
    expect(payload).toBe('BCD\n002\n1\nSCT\nBPOTBEB1\nRed Cross of Belgium\nBE72000000001616\nEUR1.00\nCHAR\n\nUrgency fund')
  })

  test('a creditor reference goes to its own line, and nothing follows the last line that says something', () => {
    const transfer = { name: 'Franz Mustermänn', iban: 'DE71110220330123456789', bic: 'BHBLDEHHXXX', minor: 1230 }
    const head = 'BCD\n002\n1\nSCT\nBHBLDEHHXXX\nFranz Mustermänn\nDE71110220330123456789\nEUR12.30'
    expect(epcPayload({ ...transfer, purpose: 'GDDS', reference: 'RF18 5390 0754 7034' })).toBe(`${head}\nGDDS\nRF18539007547034`)
    expect(epcPayload({ ...transfer, reference: '' })).toBe(head)
    expect(isCreditorReference('RF19 5390 0754 7034')).toBe(false)
  })

  test.each(
    rowsOf(`
      Quits Füße & Co stl_1   | Quits Füße + Co stl-1   | Quits Fusse + Co stl-1
      "Ægir" #1; [a] {b} ~x@y | 'Ægir' .1, (a) (b) -x.y | 'Aegir' .1, (a) (b) -x.y
      Łódź – Øst’s            | Łódź - Øst's            | Lodz - Ost's
      Συγκάτοικοι             | Συγκάτοικοι             | Sygkatoikoi
      Щастие Живков           | Щастие Живков           | Shtastie Zhivkov
      Beach 🏖️ 2026           | Beach 2026              | Beach 2026
      //Bank// a / / b        | Bank/ a / b             | Bank/ a / b
      山田 ①                  | 山田 ①                  | 1`),
  )('%s is the name %s and the reference %s', (text = '', name, reference) => {
    expect([epcName(text), epcReference(text)]).toEqual([name, reference])
  })

  test('any name and reference give lines that read back, in 331 bytes, which the QR holds', () => {
    const bics = fc.constantFrom(undefined, 'COBADEFFXXX')
    const minors = fc.integer({ min: 1, max: EPC_MAX_MINOR })
    fc.assert(
      fc.property(anyText, anyText, bics, minors, (holder, reference, bic, minor) => {
        const target = { ...BANK, holder, iban: 'MT84MALT011000012345MTLCAST001S', ...(bic && { bic }) }
        const { payload = '' } = linkOf({ ...ask('1 EUR', target), reference, minor })
        const note = epcReference(reference)
        const lines = payload.split('\n')
        expect(lines).toHaveLength(note === '' ? 8 : 11)
        const [tag, version, charset, code, bank, name = '', iban, sum = '', purpose = '', structured = '', free = ''] = lines
        expect([tag, version, charset, code, bank]).toEqual(['BCD', '002', '1', 'SCT', bic ?? ''])
        expect([iban, purpose, structured, free]).toEqual([target.iban, '', '', note])
        expect(name).not.toBe('')
        expect((epcName(holder) || 'Jane Smith').startsWith(name)).toBe(true)
        expect(sum).toMatch(/^EUR\d{1,9}\.\d\d$/)
        expect(amount(`${sum.slice(3)} EUR`).minor).toBe(minor)
        expect(payload).not.toMatch(/[\r\u2028\u2029\0]/)
        expect(note).toMatch(/^[A-Za-z0-9/?:().,'+ -]{0,140}$/)
        expect([...name].length).toBeLessThanOrEqual(70)
        expect(Buffer.byteLength(payload)).toBeLessThanOrEqual(331)
        expect(readQr(qrSvg(payload, { ...EPC_QR, title: 'Pay' })).text).toBe(payload)
      }),
      { numRuns: 150 },
    )
  })

  test('the longest that is possible still fits, and the id at the end of a long reference stays whole', () => {
    const holder = '山'.repeat(90)
    const reference = `${'ю'.repeat(200)} ${ID}`
    const target = { type: 'bank_account', iban: 'MT84MALT011000012345MTLCAST001S', bic: 'MALTMTMTXXX', holder } as const
    const { payload = '' } = linkOf({ ...ask('999999999.99 EUR', target), reference })
    expect(Buffer.byteLength(payload)).toBeGreaterThan(325)
    expect(payload.endsWith(` ${ID.replace('_', '-')}`)).toBe(true)
    expect(readQr(qrSvg(payload, { ...EPC_QR, title: 'Pay' })).version).toBe(13)
  })
})

describe('payLinks', () => {
  test.each(
    rowsOf(`
      45.67 EUR      | https://www.paypal.com/paypalme/janesmith/45.67EUR
      1200 JPY       | https://www.paypal.com/paypalme/janesmith/1200JPY
      1200 HUF       | https://www.paypal.com/paypalme/janesmith/1200HUF
      0.05 USD       | https://www.paypal.com/paypalme/janesmith/0.05USD`),
  )('%s by PayPal is %s', (money = '', url) => {
    expect(urlOf(ask(money, PAYPAL))).toBe(url)
  })

  test('UPI opens with the address as it is and the rest encoded; the id is the transaction reference', () => {
    const request = ask('45.67 INR', UPI, { payeeName: 'Jané & Co', reference: `Quits 50% + "Fest" ${ID}` })
    expect(urlOf(request)).toBe(
      'upi://pay?pa=jane@okbank&pn=Jan%C3%A9%20%26%20Co&am=45.67&cu=INR' +
        `&tn=Quits%2050%25%20%2B%20%22Fest%22%20${ID}` +
        '&tr=stl01h455vb4pex5vsknk084sn02q',
    )
    expect(linkOf(request).payload).toBe(urlOf(request))
    expect(parametersOf({ ...request, reference: 'Rent' })).not.toHaveProperty('tr')
  })

  test('Venmo opens with the amount and the note', () => {
    expect(urlOf(ask('45.67 USD', { type: 'venmo', username: '@jane-smith' }))).toBe(
      `https://venmo.com/jane-smith?txn=pay&amount=45.67&note=Quits%20Roommates%20${ID}`,
    )
  })

  test('whatever is in the texts, addresses read back to the same values', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.integer({ min: 1, max: MAX_MINOR }), (payeeName, reference, minor) => {
        const upi = parametersOf({ ...ask('1 INR', UPI, { payeeName, reference }), minor })
        expect([upi['pa'], upi['cu'], amount(`${upi['am']} INR`).minor]).toEqual(['jane@okbank', 'INR', minor])
        expect([...(upi['tn'] ?? '')].length).toBeLessThanOrEqual(50)
        const venmo = parametersOf({ ...ask('1 USD', VENMO, { payeeName, reference }), minor })
        expect([venmo['txn'], amount(`${venmo['amount']} USD`).minor]).toEqual(['pay', minor])
        const plain = reference
          .toWellFormed()
          .normalize('NFC')
          .replace(/[^\p{L}]/gu, '')
        expect((venmo['note'] ?? '').replace(/[^\p{L}]/gu, '')).toBe(plain)
        for (const { text } of payLinks({ ...ask('1 EUR', BANK, { payeeName, reference }), minor }).links) {
          expect(text).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u)
        }
      }),
    )
  })

  test.each(
    rowsOf(`
      45.67 EUR | bank   | Pay Jane Smith €45.67 by bank transfer: Jane Smith, IBAN DE89 3704 0044 0532 0130 00, reference Quits Roommates stl-01h455vb4pex5vsknk084sn02q
      1.234 KWD | cash   | Pay Jane Smith KWD 1.234 in cash, reference Quits Roommates ${ID}
      1200 JPY  | paypal | Pay Jane Smith JPY 1200 with PayPal to paypal.me/janesmith, reference Quits Roommates ${ID}
      45.67 USD | venmo  | Pay Jane Smith $45.67 with Venmo to @jane-smith, reference Quits Roommates ${ID}
      45.67 INR | upi    | Pay Jane Smith ₹45.67 by UPI to jane@okbank, reference Quits Roommates ${ID}
      45.67 SEK | manual | Pay Jane Smith SEK 45.67, reference Quits Roommates ${ID}`),
  )('%s to %s in words: %s', (money = '', type = '', words) => {
    const target = { bank: BANK, upi: UPI, paypal: PAYPAL, venmo: VENMO }[type] ?? ({ type: type as 'cash' | 'manual' } as const)
    expect(payLinks(ask(money, target)).links.at(-1)).toEqual({ kind: 'text', text: words })
  })

  test('what is not offered says why, and the words stay', () => {
    const swiss = { ...BANK, iban: 'CH9300762011623852957' }
    const rows: [PayRequest, string | RegExp][] = [
      [ask('45.67 USD', BANK), 'sepa_qr currency: A SEPA transfer moves EUR only, got USD'],
      [ask('1000000000.00 EUR', BANK), 'sepa_qr amount: A SEPA transfer is at most €999999999.99, got €1000000000.00'],
      [ask('1 EUR', { ...BANK, iban: 'TR330006100519786457841326' }), /^sepa_qr country: .* in TR$/],
      [ask('1 EUR', { ...BANK, iban: GERMAN.slice(1) }), /^sepa_qr target: An IBAN begins/],
      [ask('1 EUR', { ...BANK, bic: 'X' }), 'sepa_qr target: A BIC has 8 or 11 characters, got 1'],
      [ask('1 EUR', swiss), /^sepa_qr bic: .* CH$/],
      [ask('1 EUR', { ...BANK, holder: '🏖️' }, { payeeName: '...' }), /^sepa_qr name: /],
      [ask('1 EUR', UPI), 'upi currency: UPI moves INR only, got EUR'],
      [ask('1 INR', { type: 'upi', vpa: 'jane@ok&am=1' }), 'upi target: A UPI address is name@bank, got "jane@ok&am=1"'],
      [ask('1 KWD', PAYPAL), /^paypal currency: PayPal moves AUD, BRL.*USD only, got KWD$/],
      [ask('12.50 TWD', PAYPAL), 'paypal amount: PayPal takes whole TWD only, got 12.50'],
      [ask('1 EUR', { type: 'paypal', name: '../jane' }), /^paypal target: .*"\.\.\/jane"$/],
      [ask('1 EUR', VENMO), 'venmo currency: Venmo moves USD only, got EUR'],
      [ask('1 USD', { type: 'venmo', username: 'jane?x=' }), /^venmo target: /],
    ]
    for (const [request, reason] of rows) {
      expect(reasonOf(request)).toEqual([typeof reason === 'string' ? reason : expect.stringMatching(reason)])
      expect(payLinks(request).links.map(({ kind }) => kind)).toEqual(['text'])
    }
    expect(linkOf(ask('1 EUR', { ...swiss, bic: 'UBSWCHZH80A' })).payload).toMatch(/^BCD\n002\n1\nSCT\nUBSWCHZH80A\nJane Smith\nCH93/)
  })

  test('an account that is wrong is in no words, and nothing is asked for nothing', () => {
    const wrong = { ...BANK, iban: 'DE89370400440532010300' }
    expect(targetFault(wrong)).toMatch(/remainder/)
    expect(payLinks(ask('1 EUR', wrong)).links[0]?.text).toBe(`Pay Jane Smith €1.00, reference Quits Roommates ${ID}`)
    expect(payLinks(ask('0 EUR', BANK))).toMatchObject({ links: [], withheld: [{ kind: 'sepa_qr' }, { kind: 'text', reason: 'amount' }] })
    expect(() => payLinks({ ...ask('1 EUR', BANK), minor: 0.5 })).toThrow(RangeError)
  })
})

describe('qrSvg', () => {
  test('the picture is the code of the library with four white modules around it, and reads back', () => {
    const texts = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).map((text) => `é${text.toWellFormed()}`)
    fc.assert(
      fc.property(texts, (text) => {
        const svg = qrSvg(text, { ecc: 'M', title: 'Pay' })
        expect(modulesOf(svg)).toEqual(encode(text, { ecc: 'M', border: 4 }).data)
        expect(readQr(svg)).toMatchObject({ text, ecc: 'M' })
      }),
      { numRuns: 50 },
    )
  })

  test('it says what it is to those who do not see it, and markup in the title stays text', () => {
    const svg = qrSvg('x', { ecc: 'M', title: `Pay <b>"Ann" & 'Bob'</b>\0` })
    expect(svg).toContain('role="img"')
    expect(svg).toContain('<title>Pay &lt;b&gt;&quot;Ann&quot; &amp; &#39;Bob&#39;&lt;/b&gt;</title>')
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 29 29" width="232" height="232"/)
    expect(() => qrSvg('é'.repeat(400), { ...EPC_QR, title: 'Pay' })).toThrow(RangeError)
  })
})
