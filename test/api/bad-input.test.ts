// What is sent wrongly in a body, or at random anywhere, is refused in words that help, with a status that the
// operation documents, and nothing of it is stored. `send` holds every refusal against the document of its operation.
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { OPERATIONS } from '../../src/routes/index.ts'
import { all, ledger, prepare, refused, said, spend } from '../support/ask.ts'
import { mutated, queryOf } from '../support/mutate.ts'
import { requestFor } from '../support/requests.ts'
import { headsOf } from '../support/scene.ts'
import { send } from '../support/world.ts'

beforeAll(prepare)

const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`
const JSON_TYPE = 'application/json'

describe('a body that cannot be read', () => {
  test.each<[string, BodyInit | Uint8Array, string, unknown[]]>([
    ['nothing', '', JSON_TYPE, [400, 'INVALID_REQUEST', 'body MALFORMED']],
    ['half of an object', '{"title":', JSON_TYPE, [400, 'INVALID_REQUEST', 'body MALFORMED']],
    ['two objects', '{}{}', JSON_TYPE, [400, 'INVALID_REQUEST', 'body MALFORMED']],
    ['a comment', '{} // fine', JSON_TYPE, [400, 'INVALID_REQUEST', 'body MALFORMED']],
    ['NaN', '{"amount":NaN}', JSON_TYPE, [400, 'INVALID_REQUEST', 'body MALFORMED']],
    [
      'bytes that are no UTF-8',
      Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
      JSON_TYPE,
      [400, 'INVALID_REQUEST', 'body MALFORMED'],
    ],
    ['21 levels', `{"tags":${nested(20)}}`, JSON_TYPE, [400, 'INVALID_REQUEST', 'body MALFORMED']],
    ['50,000 levels', nested(50_000), JSON_TYPE, [400, 'INVALID_REQUEST', 'body MALFORMED']],
    ['more than 256 KB', JSON.stringify({ title: 'x'.repeat(256 * 1024) }), JSON_TYPE, [413, 'PAYLOAD_TOO_LARGE', 'body TOO_LARGE']],
    ['a list', '[]', JSON_TYPE, [422, 'VALIDATION_ERROR', 'body INVALID_TYPE']],
    ['null', 'null', JSON_TYPE, [422, 'VALIDATION_ERROR', 'body INVALID_TYPE']],
    ['a text', '"Lunch"', JSON_TYPE, [422, 'VALIDATION_ERROR', 'body INVALID_TYPE']],
    ['JSON that says to be text', '{}', 'text/plain', [415, 'UNSUPPORTED_MEDIA_TYPE', 'Content-Type UNSUPPORTED_MEDIA_TYPE']],
    ['JSON that says to be XML', '{}', 'application/xml', [415, 'UNSUPPORTED_MEDIA_TYPE', 'Content-Type UNSUPPORTED_MEDIA_TYPE']],
    [
      'a form of a page',
      'title=Lunch',
      'application/x-www-form-urlencoded',
      [415, 'UNSUPPORTED_MEDIA_TYPE', 'Content-Type UNSUPPORTED_MEDIA_TYPE'],
    ],
    ['no type', '{}', '', [415, 'UNSUPPORTED_MEDIA_TYPE', 'Content-Type UNSUPPORTED_MEDIA_TYPE']],
  ])('%s', async (_, body, type, expected) => {
    expect(said(await refused(ledger.ann.post('/api/expenses/', body, { headers: { 'content-type': type } })))).toEqual(expected)
  })

  test('a body that is longer than it says is counted all the same', async () => {
    const body = JSON.stringify({ title: 'x'.repeat(300 * 1024) })
    const headers = { 'content-type': JSON_TYPE, 'content-length': '10' }
    expect(said(await refused(ledger.ann.post('/api/expenses/', body, { headers })))).toEqual([413, 'PAYLOAD_TOO_LARGE', 'body TOO_LARGE'])
  })

  test('a type with parameters is taken', async () => {
    const made = await ledger.ann.post(
      '/api/expenses/?dry_run=true',
      { title: 'Lunch', amount: '1', group_id: ledger.id },
      { headers: { 'content-type': 'Application/JSON; charset=utf-8' } },
    )
    expect(made.status).toBe(201)
  })

  test.each([
    ['a file under another name', 'file', [422, 'VALIDATION_ERROR', 'file UNKNOWN_FIELD']],
    ['no file', '', [422, 'VALIDATION_ERROR', 'receipt REQUIRED']],
    ['two files', 'receipt receipt', [422, 'VALIDATION_ERROR', 'receipt REQUIRED']],
    ['a file and something else', 'receipt note', [422, 'VALIDATION_ERROR', 'note UNKNOWN_FIELD']],
  ])('a form with %s', async (_, names, expected) => {
    const form = new FormData()
    for (const name of names.split(' ').filter(Boolean)) form.append(name, new File(['x'], 'x.png'))
    expect(said(await refused(ledger.ann.post(`/api/expenses/${all.here.expense}/receipt/`, form)))).toEqual(expected)
  })

  test('a text where a file belongs, and a form without its boundary', async () => {
    const form = new FormData()
    form.set('receipt', 'a text')
    const path = `/api/expenses/${all.here.expense}/receipt/`
    expect(said(await refused(ledger.ann.post(path, form)))).toEqual([422, 'VALIDATION_ERROR', 'receipt REQUIRED'])
    expect(said(await refused(ledger.ann.post(path, 'x', { headers: { 'content-type': 'multipart/form-data' } })))).toEqual([
      400,
      'INVALID_REQUEST',
      'body MALFORMED',
    ])
    expect(said(await refused(ledger.ann.post(path, '{}')))).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE', 'Content-Type UNSUPPORTED_MEDIA_TYPE'])
  })
})

describe('a field', () => {
  const CONTROL = 'must not contain control characters'
  test.each<[string, object, unknown[]]>([
    ['that does not exist', { titel: 'x' }, [422, 'VALIDATION_ERROR', 'titel UNKNOWN_FIELD']],
    [
      'with the name of a prototype',
      JSON.parse('{"__proto__":{"title":"x"}}') as object,
      [422, 'VALIDATION_ERROR', '__proto__ UNKNOWN_FIELD'],
    ],
    ['with the name of a constructor', { constructor: 1 }, [422, 'VALIDATION_ERROR', 'constructor UNKNOWN_FIELD']],
    ['that is missing', { title: undefined }, [422, 'VALIDATION_ERROR', 'title REQUIRED']],
    ['of another type', { title: 5 }, [422, 'VALIDATION_ERROR', 'title INVALID_TYPE']],
    ['that is null', { title: null }, [422, 'VALIDATION_ERROR', 'title INVALID_TYPE']],
    ['that is empty', { title: ' ' }, [422, 'VALIDATION_ERROR', 'title TOO_SMALL']],
    ['that is too long', { title: 'x'.repeat(201) }, [422, 'VALIDATION_ERROR', 'title TOO_LARGE']],
    [`that ${CONTROL}`, { title: 'a\u0000b' }, [422, 'VALIDATION_ERROR', 'title INVALID_VALUE']],
    ['of one line that has two', { title: 'a\nb' }, [422, 'VALIDATION_ERROR', 'title INVALID_VALUE']],
    ['with half of a character', { title: 'a\ud800b' }, [422, 'VALIDATION_ERROR', 'title INVALID_VALUE']],
    ['of several lines with a control character', { description: 'a\nb\u0007' }, [422, 'VALIDATION_ERROR', 'description INVALID_VALUE']],
    ['of several lines with half of a character', { description: '\udc00' }, [422, 'VALIDATION_ERROR', 'description INVALID_VALUE']],
    ['with too many tags', { tags: Array.from({ length: 21 }, (_, i) => `t${i}`) }, [422, 'VALIDATION_ERROR', 'tags TOO_LARGE']],
    ['with a tag that is no text', { tags: ['a', 5] }, [422, 'VALIDATION_ERROR', 'tags.1 INVALID_TYPE']],
    ['with a currency in small letters', { currency: 'eur' }, [422, 'VALIDATION_ERROR', 'currency INVALID_VALUE']],
    ['with a currency that is none', { currency: 'XXX' }, [422, 'VALIDATION_ERROR', 'currency INVALID_VALUE']],
    ['with a day that does not exist', { expense_date: '2026-02-30' }, [422, 'VALIDATION_ERROR', 'expense_date INVALID_VALUE']],
    ['with an instant for a day', { expense_date: '2026-02-03T10:00:00Z' }, [422, 'VALIDATION_ERROR', 'expense_date INVALID_VALUE']],
    ['with a day of another calendar', { expense_date: '03.02.2026' }, [422, 'VALIDATION_ERROR', 'expense_date INVALID_VALUE']],
    ['with a group that cannot be one', { group_id: 'grp_1' }, [422, 'VALIDATION_ERROR', 'group_id INVALID_FORMAT']],
    [
      'with a category that is not there',
      { category_id: 'cat_01jd3k5m7n9pqrstvwxyz01234' },
      [422, 'VALIDATION_ERROR', 'category_id UNKNOWN_CATEGORY'],
    ],
    [
      'with the id of a category for a group',
      { group_id: 'cat_01jd3k5m7n9pqrstvwxyz01234' },
      [422, 'VALIDATION_ERROR', 'group_id INVALID_FORMAT'],
    ],
    [
      'that names a payer twice over',
      { paid_by: 'usr_01jd3k5m7n9pqrstvwxyz01234', payers: [{ user_id: 'usr_01jd3k5m7n9pqrstvwxyz01234', amount: '10' }] },
      [422, 'VALIDATION_ERROR', 'payers INVALID_VALUE'],
    ],
    ['that calls a group expense personal', { expense_type: 'personal' }, [422, 'VALIDATION_ERROR', 'group_id INVALID_VALUE']],
  ])('%s', async (_, fields, expected) => {
    expect(said(await spend(fields))).toEqual(expected)
  })

  test('that is wrong is named with all others that are, and secrets are not repeated', async () => {
    const many = await spend({ title: 5, amount: true, tags: 'x', nope: 1 })
    expect(said(many).slice(2)).toEqual(expect.arrayContaining(['title INVALID_TYPE', 'tags INVALID_TYPE', 'nope UNKNOWN_FIELD']))
    const secret = await send('POST', '/api/auth/login/', { email: 'no', password: 'hunter2', token: 'hunter2' })
    expect([secret.status, JSON.stringify(secret.body)]).toEqual([422, expect.not.stringContaining('hunter2')])
  })
})

describe('an amount', () => {
  test.each<[unknown, string]>([
    [-5, 'amount INVALID_VALUE'],
    ['-5.00', 'amount INVALID_VALUE'],
    [0, 'amount INVALID_VALUE'],
    ['0.00', 'amount INVALID_VALUE'],
    ['-0', 'amount INVALID_VALUE'],
    ['10.001', 'amount TOO_PRECISE'],
    [10.001, 'amount TOO_PRECISE'],
    [0.1 + 0.2, 'amount INVALID_VALUE'],
    ['10000000000.01', 'amount TOO_LARGE'],
    ['999999999999999', 'amount TOO_LARGE'],
    [1e21, 'amount INVALID_VALUE'],
    ['1e3', 'amount INVALID_FORMAT'],
    ['1,000.00', 'amount INVALID_FORMAT'],
    ['10,50', 'amount INVALID_FORMAT'],
    ['NaN', 'amount INVALID_FORMAT'],
    ['Infinity', 'amount INVALID_FORMAT'],
    ['0x10', 'amount INVALID_FORMAT'],
    ['+5', 'amount INVALID_FORMAT'],
    ['.5', 'amount INVALID_FORMAT'],
    ['5.', 'amount INVALID_FORMAT'],
    ['٣', 'amount INVALID_FORMAT'],
    [' 5', 'amount INVALID_FORMAT'],
    ['', 'amount INVALID_FORMAT'],
    ['€5', 'amount INVALID_FORMAT'],
    [true, 'amount INVALID_TYPE'],
    [null, 'amount INVALID_TYPE'],
    [['5'], 'amount INVALID_TYPE'],
    [{ value: 5 }, 'amount INVALID_TYPE'],
  ])('of %j is refused', async (amount, detail) => {
    const reply = await spend({ amount })
    expect(reply.status).toBe(422)
    expect(said(reply).slice(2)).toContain(detail)
  })

  test.each([
    ['JPY', '10.5', 'amount TOO_PRECISE'],
    ['KWD', '1.0005', 'amount TOO_PRECISE'],
  ])('has only the decimals of %s: %s is refused', async (currency, amount, detail) => {
    expect(said(await spend({ currency, amount, exchange_rate: '2' }))).toContain(detail)
  })

  test.each<[unknown, string]>([
    ['1.10', '1.10'],
    [1.1, '1.10'],
    ['7', '7.00'],
    ['1.100000', '1.10'],
    ['10000000000.00', '10000000000.00'],
    ['007.50', '7.50'],
  ])('of %j is taken', async (amount, shown) => {
    const made = await ledger.ann.post('/api/expenses/?dry_run=true', { title: 'Lunch', amount, group_id: ledger.id })
    expect([made.status, made.body.data.amount]).toEqual([201, shown])
  })
})

describe('a split', () => {
  type Ids = Record<'ann' | 'bob', string>
  const off = (expected: string, got: string, difference: string) => ({ expected, got, difference })
  test.each<[string, (ids: Ids) => object, object]>([
    [
      'by exact amounts that are too little',
      ({ ann, bob }) => ({ split_type: 'exact', split_data: { [ann]: '4', [bob]: '5.99' } }),
      { code: 'SHARES_DO_NOT_ADD_UP', ...off('10.00', '9.99', '-0.01') },
    ],
    [
      'by exact amounts that are too much',
      ({ ann, bob }) => ({ split_type: 'exact', split_data: { [ann]: '4', [bob]: '6.5' } }),
      { code: 'SHARES_DO_NOT_ADD_UP', ...off('10.00', '10.50', '0.50') },
    ],
    [
      'by exact amounts below zero',
      ({ ann, bob }) => ({ split_type: 'exact', split_data: { [ann]: '-1', [bob]: '11' } }),
      { code: 'NEGATIVE_SHARE' },
    ],
    [
      'by percentages of 99.99',
      ({ ann, bob }) => ({ split_type: 'percentage', split_data: { [ann]: 49.99, [bob]: 50 } }),
      { code: 'PERCENTAGES_DO_NOT_ADD_UP', ...off('100', '99.99', '-0.01') },
    ],
    [
      'by percentages below zero',
      ({ ann, bob }) => ({ split_type: 'percentage', split_data: { [ann]: -10, [bob]: 110 } }),
      { code: 'INVALID_PERCENTAGE' },
    ],
    ['by shares of nothing', ({ ann, bob }) => ({ split_type: 'shares', split_data: { [ann]: 0, [bob]: 0 } }), { code: 'INVALID_WEIGHT' }],
    [
      'with adjustments beyond the amount',
      ({ ann, bob }) => ({ split_type: 'adjustment', split_data: { [ann]: 9, [bob]: 2 } }),
      { code: 'ADJUSTMENTS_TOO_LARGE', ...off('10.00', '11.00', '1.00') },
    ],
    [
      'with an adjustment below the part',
      ({ ann, bob }) => ({ split_type: 'adjustment', split_data: { [ann]: '-20', [bob]: 0 } }),
      { code: 'NEGATIVE_SHARE' },
    ],
    [
      'by items that are too little',
      ({ ann }) => ({ split_type: 'itemized', split_data: { items: [{ name: 'Pizza', amount: '8', participants: [ann] }], tax: '1' } }),
      { code: 'ITEMS_DO_NOT_ADD_UP', ...off('10.00', '9.00', '-1.00') },
    ],
    [
      'by items and a discount beyond them',
      ({ ann }) => ({
        split_type: 'itemized',
        split_data: { items: [{ name: 'Pizza', amount: '8', participants: [ann] }], discount: '9' },
      }),
      { code: 'DISCOUNT_TOO_LARGE' },
    ],
    [
      'between one who is named twice',
      ({ ann }) => ({ split_type: 'equal', split_data: { participants: [ann, ann] } }),
      { code: 'DUPLICATE_PARTICIPANT' },
    ],
    [
      'among payers who paid too little',
      ({ ann, bob }) => ({
        payers: [
          { user_id: ann, amount: '4' },
          { user_id: bob, amount: '5' },
        ],
      }),
      { code: 'PAYERS_DO_NOT_ADD_UP', ...off('10.00', '9.00', '-1.00') },
    ],
    [
      'among a payer who is named twice',
      ({ ann }) => ({
        payers: [
          { user_id: ann, amount: '5' },
          { user_id: ann, amount: '5' },
        ],
      }),
      { code: 'DUPLICATE_PARTICIPANT' },
    ],
    ['without data', () => ({ split_type: 'exact' }), { field: 'split_data' }],
    ['without a type', ({ ann }) => ({ split_data: { [ann]: 1 } }), { field: 'split_type' }],
    ['with the data of another type', ({ ann }) => ({ split_type: 'equal', split_data: { [ann]: 1 } }), { field: 'split_data' }],
    ['of a type that does not exist', () => ({ split_type: 'fair' }), { field: 'split_type' }],
    ['among nobody', () => ({ split_type: 'equal', split_data: { participants: [] } }), { code: 'TOO_SMALL' }],
    [
      'with a participant who is no id',
      () => ({ split_type: 'exact', split_data: { ann: '10' } }),
      { field: expect.stringMatching(/^split_data/) },
    ],
  ])('%s says what is off', async (_, build, detail) => {
    const reply = await spend(build({ ann: ledger.ann.id, bob: ledger.bob.id }))
    expect(reply.status).toBe(422)
    expect(reply.body.error.details).toContainEqual(expect.objectContaining(detail))
  })
})

describe('whatever comes is taken or refused as documented, and is nobody’s fault but the sender’s', () => {
  const runs = { numRuns: 25 }
  const withBody = OPERATIONS.filter((op) => op.body !== undefined)
  const withQuery = OPERATIONS.filter((op) => op.query instanceof z.ZodObject)

  test.each(withBody.map((op) => [op.id, op] as const))('%s with a body changed at random', async (_, op) => {
    const { method, path, body } = await requestFor(op, all, all.as.owner)
    const before = await headsOf(all)
    const ask = async (text: string) => {
      const reply = await all.as.owner.request(method, op.isGroupWrite === true ? `${path}?dry_run=true` : path, text)
      expect(reply.status, JSON.stringify(reply.body)).toBeLessThan(500)
    }
    await fc.assert(fc.asyncProperty(mutated(body, op.example.body), ask), runs)
    // A profile may be changed for good, and its groups hear of that.
    if (op.isGroupWrite === true) expect(await headsOf(all)).toEqual(before)
  })

  test.each(withQuery.map((op) => [op.id, op] as const))('%s with a query made at random', async (_, op) => {
    const { method, path } = await requestFor(op, all, all.as.owner)
    const names = op.query instanceof z.ZodObject ? Object.keys(op.query.shape) : []
    const ask = async (query: string) => {
      const reply = await all.as.owner.request(method, `${path.split('?')[0]}?${query}`)
      expect(reply.status, JSON.stringify(reply.body)).toBeLessThan(500)
    }
    await fc.assert(fc.asyncProperty(queryOf(names), ask), runs)
  })
})
