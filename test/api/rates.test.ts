// Exchange rates: what an expense in another currency is converted at, and how the table is kept current.
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Surroundings } from '../../src/context.ts'
import { connect } from '../../src/db/client.ts'
import { refreshRates } from '../../src/jobs/rates.ts'
import { env } from '../support/env.ts'
import { group, person } from '../support/world.ts'

const SHIPPED = '2026-10-09'
const UNKNOWN = '2026-08-15'

describe('createExpense', () => {
  test('converts at the cross rate of its day, and pins the rate on the expense', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const { status, body } = await as.ann.post('/api/expenses/', {
      title: 'Hotel',
      amount: '112.06',
      currency: 'USD',
      expense_date: SHIPPED,
      group_id: id,
    })
    expect(status).toBe(201)
    expect(body.data).toMatchObject({ amount: '112.06', currency: { code: 'USD' }, exchange_rate: '0.8923790826' })
    const balances = await as.bob.get(`/api/groups/${id}/balances/`)
    expect(balances.body.data.balances.map((one: { balance: string }) => one.balance)).toEqual(['50.00', '-50.00'])
  })

  test('on a weekend the rates of the Friday before hold, between any two currencies', async () => {
    const { id, as } = await group(['ann', 'bob'], { currency: 'GBP' })
    const { body } = await as.ann.post('/api/expenses/', {
      title: 'Sushi',
      amount: '10000',
      currency: 'JPY',
      expense_date: '2026-10-11',
      group_id: id,
    })
    // 0.84763 / 177.34
    expect(body.data.exchange_rate).toBe('0.004779688734')
    const balances = await as.bob.get(`/api/groups/${id}/balances/`)
    expect(balances.body.data.balances.map((one: { balance: string }) => one.balance)).toEqual(['23.90', '-23.90'])
  })

  test('on a day that the table lacks it asks for exchange_rate and stores nothing', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const draft = { title: 'Hotel', amount: '100.00', currency: 'USD', group_id: id }
    for (const date of [UNKNOWN, undefined]) {
      const { status, body } = await as.ann.post('/api/expenses/', date === undefined ? draft : { ...draft, expense_date: date })
      expect(status).toBe(422)
      expect(body.error.details).toMatchObject([{ field: 'exchange_rate', code: 'RATE_UNKNOWN' }])
    }
    const list = await as.ann.get(`/api/expenses/?group_id=${id}`)
    expect(list.body.meta.pagination.total_items).toBe(0)
  })

  test('in a currency that the table never has it asks for exchange_rate on any day', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const { status } = await as.ann.post('/api/expenses/', {
      title: 'Phở',
      amount: '90000',
      currency: 'VND',
      expense_date: SHIPPED,
      group_id: id,
    })
    expect(status).toBe(422)
  })

  test('an exchange_rate of its own wins over the table', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const own = { title: 'Hotel', amount: '100.00', currency: 'USD', exchange_rate: '0.5', group_id: id }
    for (const date of [SHIPPED, UNKNOWN]) {
      const { status, body } = await as.ann.post('/api/expenses/', { ...own, expense_date: date })
      expect(status).toBe(201)
      expect(body.data.exchange_rate).toBe('0.5')
    }
  })
})

describe('listRates', () => {
  interface Rate {
    readonly currency: string
    readonly rate: string
    readonly date: string
  }

  async function ratesOf(query: string): Promise<Map<string, Rate>> {
    const ann = await person('ann')
    const { status, body } = await ann.get(`/api/rates/?page_size=100&${query}`)
    expect(status).toBe(200)
    return new Map(body.data.map((one: Rate) => [one.currency, one]))
  }

  test('tells the shipped rates of a day against the euro', async () => {
    const rates = await ratesOf(`date=${SHIPPED}`)
    expect(rates.size).toBe(29)
    expect(rates.has('EUR')).toBe(false)
    expect(rates.get('USD')).toEqual({ currency: 'USD', rate: '1.1206', date: SHIPPED })
    expect(rates.get('IDR')?.rate).toBe('20036.94')
  })

  test('tells them against another base, and which day they are of', async () => {
    const rates = await ratesOf('date=2026-10-11&base=USD')
    expect(rates.get('EUR')).toEqual({ currency: 'EUR', rate: '0.8923790826', date: SHIPPED })
    expect(rates.has('USD')).toBe(false)
    // The ringgit of the 8th is that of the 6th: the pair is as old as its older half.
    expect((await ratesOf('date=2026-10-08&base=USD')).get('MYR')?.date).toBe('2026-10-06')
  })

  test('month-ends serve the week after them, and no longer', async () => {
    expect((await ratesOf('date=2025-08-29')).get('BGN')?.rate).toBe('1.9558')
    expect((await ratesOf('date=2025-09-05')).get('USD')).toEqual({ currency: 'USD', rate: '1.1658', date: '2025-08-29' })
    expect((await ratesOf('date=2025-09-06')).size).toBe(0)
  })

  test('is empty for a base without rates, and refuses what is no day and no currency', async () => {
    expect((await ratesOf(`date=${SHIPPED}&base=VND`)).size).toBe(0)
    const ann = await person('ann')
    for (const query of ['date=2026-02-30', 'base=EURO', 'base=XXX', 'day=2026-10-09']) {
      expect(await ann.get(`/api/rates/?${query}`)).toMatchObject({ status: 422 })
    }
  })
})

describe('refreshRates', () => {
  const URL = 'http://127.0.0.1:9/eurofxref-daily.xml'
  /** Each test asks a week later than the one before, on a Monday at 16:00 UTC, because the job asks once an hour. */
  let monday = Date.parse('2027-03-01T16:00:00Z')
  const at = (now: number, url = URL): Surroundings => ({ env: { ...env, RATES_URL: url }, db: connect(env.DB), now, origin: '' })
  const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10)

  const cube = (day: string, rates: Readonly<Record<string, string>>): string =>
    `<Cube time='${day}'>${Object.entries(rates)
      .map(([currency, rate]) => `\n\t\t\t<Cube currency='${currency}' rate='${rate}'/>`)
      .join('')}\n\t\t</Cube>`
  const documentOf = (...cubes: readonly string[]): string => `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
	<gesmes:subject>Reference rates</gesmes:subject>
	<gesmes:Sender>
		<gesmes:name>European Central Bank</gesmes:name>
	</gesmes:Sender>
	<Cube>
		${cubes.join('\n\t\t')}
	</Cube>
</gesmes:Envelope>`

  const answer = (make: () => Response | Promise<Response>) => vi.spyOn(globalThis, 'fetch').mockImplementation(async () => make())
  const count = async (): Promise<number> => (await env.DB.prepare('SELECT COUNT(*) AS n FROM rates').first<{ n: number }>())?.n ?? 0

  afterEach(() => {
    vi.restoreAllMocks()
    monday += 7 * 86_400_000
  })

  test('stores the published rates once, and asks no more until the next are due', async () => {
    const asked = answer(() => new Response(documentOf(cube(dayOf(monday), { USD: '1.2500', JPY: '180.00' }))))
    expect(await refreshRates(at(monday))).toEqual({ hasAsked: true, stored: 2 })
    expect(asked).toHaveBeenCalledExactlyOnceWith(URL, expect.objectContaining({ redirect: 'manual' }))
    const [tuesdayNoon, tuesdayEvening] = [monday + 20 * 3_600_000, monday + 24 * 3_600_000]
    expect(await refreshRates(at(tuesdayNoon))).toEqual({ hasAsked: false, stored: 0 })
    expect(asked).toHaveBeenCalledTimes(1)
    // On Tuesday evening new ones are due; on a holiday the document still has Monday's, and nothing changes.
    expect(await refreshRates(at(tuesdayEvening))).toEqual({ hasAsked: true, stored: 0 })
    expect(await refreshRates(at(tuesdayEvening + 60_000))).toEqual({ hasAsked: false, stored: 0 })
    expect(await refreshRates(at(tuesdayEvening + 3_600_000))).toEqual({ hasAsked: true, stored: 0 })
    const ann = await person('ann')
    const { body } = await ann.get(`/api/rates/?date=${dayOf(monday)}&base=USD`)
    expect(body.data).toEqual([
      { currency: 'EUR', rate: '0.8', date: dayOf(monday) },
      { currency: 'JPY', rate: '144', date: dayOf(monday) },
    ])
  })

  test('fills the days that it missed from a document of several, and never changes a published rate', async () => {
    const [today, before] = [dayOf(monday), dayOf(monday - 3 * 86_400_000)]
    answer(
      () =>
        new Response(
          documentOf(cube(today, { USD: '1.30' }), cube(before, { USD: '1.31' }), cube('2026-10-09', { USD: '9.99', GBP: '9.99' })),
        ),
    )
    expect(await refreshRates(at(monday))).toEqual({ hasAsked: true, stored: 2 })
    expect(await env.DB.prepare("SELECT per_euro FROM rates WHERE currency = 'USD' AND date = '2026-10-09'").first('per_euro')).toBe(
      '1.1206',
    )
  })

  test('asks nobody on a weekend whose Friday it has, nor without a URL', async () => {
    const friday = monday - 3 * 86_400_000
    await env.DB.prepare("INSERT INTO rates (currency, date, per_euro) VALUES ('USD', ?, '1.3')").bind(dayOf(friday)).run()
    const asked = answer(() => new Response('', { status: 500 }))
    for (const now of [friday + 86_400_000, friday + 2 * 86_400_000, monday - 2 * 3_600_000]) await refreshRates(at(now))
    await refreshRates(at(monday, ''))
    expect(asked).not.toHaveBeenCalled()
  })

  const good = { USD: '1.25' }
  const hostile: Readonly<Record<string, (day: string) => Response | Promise<Response>>> = {
    'no XML': () => new Response('<!DOCTYPE html><html><body>Maintenance</body></html>'),
    'another document': (day) => new Response(`<html><Cube>${cube(day, good)}</Cube></html>`),
    nothing: () => new Response(''),
    'no rates': () => new Response(documentOf()),
    'a day without rates': (day) => new Response(documentOf(cube(day, {}))),
    'a document that ends too soon': (day) => new Response(documentOf(cube(day, good)).slice(0, -30)),
    'an entity': (day) => new Response(documentOf(cube(day, good)).replace('?>', '?><!DOCTYPE x [<!ENTITY a "1.25">]>')),
    'a comment in the middle of a tag': (day) => new Response(documentOf(cube(day, good)).replace("rate='1.25'", "<!-- x --> rate='1.25'")),
    'a negative rate': (day) => new Response(documentOf(cube(day, { USD: '-1.25' }))),
    'a rate of nothing': (day) => new Response(documentOf(cube(day, { USD: '0.000' }))),
    'a rate that is no plain decimal': (day) => new Response(documentOf(cube(day, { USD: '1e9' }))),
    'a rate beyond reason': (day) => new Response(documentOf(cube(day, { USD: '1'.repeat(400) }))),
    'a currency that is none': (day) => new Response(documentOf(cube(day, { ...good, XBT: '0.00001' }))),
    'a rate of the euro': (day) => new Response(documentOf(cube(day, { ...good, EUR: '2' }))),
    'a currency twice': (day) => new Response(documentOf(cube(day, good).replace('/>', "/><Cube currency='USD' rate='2'/>"))),
    'a day twice': (day) => new Response(documentOf(cube(day, good), cube(day, { JPY: '180' }))),
    'a day that does not exist': () => new Response(documentOf(cube('2026-02-30', good))),
    'a day to come': () => new Response(documentOf(cube('2999-01-01', good))),
    'one bad rate among good ones': (day) => new Response(documentOf(cube(day, { ...good, JPY: 'N/A' }))),
    'tags within tags without end': () => new Response('<gesmes:Envelope>'.repeat(50_000)),
    'more than a megabyte': (day) => new Response(documentOf(cube(day, good)) + ' '.repeat(1_000_000)),
    'bytes that are no text': () => new Response(new Uint8Array([0xff, 0xfe, 0x3c, 0x43])),
    'a redirect': () => new Response(null, { status: 302, headers: { Location: 'https://elsewhere.test/' } }),
    'a failure': (day) => new Response(documentOf(cube(day, good)), { status: 503 }),
    'no answer': () => Promise.reject(new TypeError('fetch failed')),
  }

  test.for(Object.entries(hostile))('stores nothing of %s, logs it and throws nothing', async ([, make]) => {
    const logged = vi.spyOn(console, 'error').mockReturnValue()
    const before = await count()
    const asked = answer(() => make(dayOf(monday)))
    expect(await refreshRates(at(monday))).toEqual({ hasAsked: true, stored: 0 })
    expect(await count()).toBe(before)
    expect(asked).toHaveBeenCalledTimes(1)
    expect(logged).toHaveBeenCalledOnce()
    // An hour later it is tried again.
    expect(await refreshRates(at(monday + 60_000))).toEqual({ hasAsked: false, stored: 0 })
    expect((await refreshRates(at(monday + 3_600_000))).hasAsked).toBe(true)
  })
})
