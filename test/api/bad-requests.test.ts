// What is sent wrongly around a body, in the query, a header or the path, is refused in words that help, and nothing
// of it is stored. `send` holds every refusal against the document of its operation.
import { beforeAll, describe, expect, test } from 'vitest'
import { methodAndPath, type Method } from '../../src/http/operation.ts'
import { OPERATIONS } from '../../src/routes/index.ts'
import { all, ledger, prepare, refused, said, spend } from '../support/ask.ts'
import { formWith } from '../support/picture.ts'
import { requestFor } from '../support/requests.ts'
import { send } from '../support/world.ts'

beforeAll(prepare)

describe('a query', () => {
  test.each<[string, unknown[]]>([
    ['nope=1', [422, 'VALIDATION_ERROR', 'nope UNKNOWN_FIELD']],
    ['__proto__=1', [422, 'VALIDATION_ERROR', '__proto__ UNKNOWN_FIELD']],
    ['page=1&page=2', [400, 'INVALID_REQUEST', 'page DUPLICATE_PARAMETER']],
    ['page=1&page=1', [400, 'INVALID_REQUEST', 'page DUPLICATE_PARAMETER']],
    ['dry_run=true', [422, 'VALIDATION_ERROR', 'dry_run INVALID_VALUE']],
    ['page_size=0', [422, 'VALIDATION_ERROR', 'page_size TOO_SMALL']],
    ['page_size=101', [422, 'VALIDATION_ERROR', 'page_size TOO_LARGE']],
    ['page_size=abc', [422, 'VALIDATION_ERROR', 'page_size INVALID_TYPE']],
    ['page_size=', [422, 'VALIDATION_ERROR', 'page_size TOO_SMALL']],
    ['page=0', [422, 'VALIDATION_ERROR', 'page TOO_SMALL']],
    ['page=-1', [422, 'VALIDATION_ERROR', 'page TOO_SMALL']],
    ['page=1.5', [422, 'VALIDATION_ERROR', 'page INVALID_TYPE']],
    ['page=1001', [422, 'VALIDATION_ERROR', 'page TOO_LARGE']],
    ['cursor=nonsense', [422, 'VALIDATION_ERROR', 'cursor INVALID_VALUE']],
    ['cursor=', [422, 'VALIDATION_ERROR', 'cursor INVALID_VALUE']],
    ['cursor=eyJwYWdlIjoxfQ', [422, 'VALIDATION_ERROR', 'cursor INVALID_VALUE']],
    ['date_from=2026-02-30', [422, 'VALIDATION_ERROR', 'date_from INVALID_VALUE']],
    ['date_range=2026-02-30,2026-03-01', [422, 'VALIDATION_ERROR', 'date_range INVALID_VALUE']],
    ['date_range=2026-02-01', [422, 'VALIDATION_ERROR', 'date_range INVALID_VALUE']],
    ['amount_min=1e3', [422, 'VALIDATION_ERROR', 'amount_min INVALID_FORMAT']],
    ['is_settled=yes', [422, 'VALIDATION_ERROR', 'is_settled INVALID_VALUE']],
    ['group_id=1', [422, 'VALIDATION_ERROR', 'group_id INVALID_FORMAT']],
    ['paid_by=me', [422, 'VALIDATION_ERROR', 'paid_by INVALID_FORMAT']],
    ['sort=vendor', [422, 'VALIDATION_ERROR', 'sort INVALID_FORMAT']],
    ['sort=amount;drop', [422, 'VALIDATION_ERROR', 'sort INVALID_FORMAT']],
    ['sort=amount,amount,amount,amount,amount', [422, 'VALIDATION_ERROR', 'sort INVALID_FORMAT']],
    ['search=', [422, 'VALIDATION_ERROR', 'search TOO_SMALL']],
    ['search=%00', [422, 'VALIDATION_ERROR', 'search INVALID_VALUE']],
    ['currency=XXX', [422, 'VALIDATION_ERROR', 'currency INVALID_VALUE']],
  ])('?%s', async (query, expected) => {
    expect(said(await ledger.ann.get(`/api/expenses/?${query}`))).toEqual(expected)
  })

  test('with the cursor of another list is refused, of whatever kind the other is', async () => {
    const cursorOf = async (path: string): Promise<string> =>
      encodeURIComponent((await ledger.ann.get(path)).body.meta.pagination.next_cursor)
    const cursor = await cursorOf('/api/expenses/?page_size=1&sort=amount')
    expect(said(await ledger.ann.get(`/api/expenses/?sort=amount&cursor=${cursor}`))).toEqual([200, undefined])
    for (const other of [
      '/api/expenses/?',
      '/api/expenses/?sort=-amount&',
      '/api/expenses/?sort=amount&kind=expense&',
      '/api/groups/?',
      `/api/groups/${ledger.id}/activity/?`,
      '/api/categories/?',
    ]) {
      expect(said(await ledger.ann.get(`${other}cursor=${cursor}`))).toEqual([422, 'VALIDATION_ERROR', 'cursor OTHER_LIST'])
    }
    const categories = await cursorOf('/api/categories/?page_size=1')
    expect(said(await ledger.ann.get(`/api/expenses/?cursor=${categories}`))).toEqual([422, 'VALIDATION_ERROR', 'cursor OTHER_LIST'])
  })

  test('that says two things at once is refused as a whole', async () => {
    expect(said(await ledger.ann.get(`/api/groups/${ledger.id}/balances/?as_of_seq=1&as_of_date=2026-01-01`))).toEqual([
      422,
      'VALIDATION_ERROR',
      'query INVALID_VALUE',
    ])
    expect(said(await ledger.ann.get(`/api/groups/${ledger.id}/balances/?as_of_seq=999`))).toEqual([
      422,
      'VALIDATION_ERROR',
      'as_of_seq TOO_LARGE',
    ])
  })

  test.each([
    'search=%22',
    'search=*',
    'search=a%22%20OR%20b',
    'search=NEAR(',
    'search=%27%3B--',
    'search=%F0%9F%8D%95',
    'search=%FF',
    'category=%25',
    'tag=%27',
    'cursor=%F0%9F%8D%95',
  ])('?%s does no harm', async (query) => {
    expect((await ledger.ann.get(`/api/expenses/?${query}`)).status).toBeLessThan(500)
  })
})

describe('a header', () => {
  const change = (headers: Record<string, string>) =>
    refused(ledger.ann.patch(`/api/groups/${ledger.id}/`, { description: 'x' }, { headers }))

  test.each(['17', '"x"', '"1", "2"', '""', '"1234567890123456"', 'W/17'])('If-Match: %s is no ETag', async (value) => {
    expect(said(await change({ 'if-match': value }))).toEqual([400, 'INVALID_REQUEST', 'If-Match MALFORMED'])
  })

  test.each(['a b', 'x'.repeat(256), 'schlüssel', ''])('Idempotency-Key: %s is none', async (value) => {
    expect(said(await change({ 'idempotency-key': value }))).toEqual([400, 'INVALID_REQUEST', 'Idempotency-Key MALFORMED'])
  })

  test.each([
    ['application/vnd.expensetracker.v2+json', 406],
    ['application/vnd.expensetracker.v0+json', 406],
    ['application/json, application/vnd.expensetracker.v17+json', 406],
    ['application/vnd.expensetracker.v1+json', 200],
    ['text/html', 200],
    ['*/*', 200],
  ])('Accept: %s is answered with %i', async (accept, status) => {
    expect((await ledger.ann.get('/api/users/me/', { headers: { accept } })).status).toBe(status)
  })

  test.each([
    ['mine-1', 'mine-1'],
    ['a b', expect.stringMatching(/^req_/)],
    ['<script>', expect.stringMatching(/^req_/)],
    ['x'.repeat(129), expect.stringMatching(/^req_/)],
  ])('X-Request-ID: %s is echoed only where that is safe', async (value, echoed) => {
    const { headers, body } = await ledger.ann.get('/api/users/me/', { headers: { 'x-request-id': value } })
    expect([headers.get('x-request-id'), body.meta.request_id]).toEqual([echoed, echoed])
  })

  test('Accept: application/problem+json gives the same refusal as RFC 9457', async () => {
    const plain = await spend({ amount: '-5' })
    const problem = await spend({ amount: '-5' }, { accept: 'application/problem+json' })
    expect([problem.status, problem.headers.get('content-type')]).toEqual([422, 'application/problem+json'])
    expect(problem.body).toEqual({
      type: 'urn:quits:error:request.invalid',
      title: plain.body.error.message,
      status: 422,
      code: 'VALIDATION_ERROR',
      errors: plain.body.error.details,
      request_id: problem.headers.get('x-request-id'),
    })
  })

  test.each([
    [{ authorization: 'Bearer' }],
    [{ authorization: 'Bearer a b' }],
    [{ authorization: `Bearer ${'x'.repeat(5000)}` }],
    [{ 'x-api-key': 'qk_short' }],
    [{ authorization: 'Bearer x', 'x-api-key': 'qk_x' }],
  ])('%j is no way to sign in', async (headers) => {
    expect(said(await send('GET', '/api/users/me/', undefined, headers as Record<string, string>)).slice(0, 2)).toEqual([
      401,
      'INVALID_TOKEN',
    ])
  })
})

describe('a path', () => {
  const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
  const paths = [...Map.groupBy(OPERATIONS, (op) => methodAndPath(op).path)]

  test.each(paths.map(([path, ops]) => [path, ops] as const))('%s names the methods that it takes to every other', async (_, ops) => {
    const [first] = ops
    if (first === undefined) return
    const allowed = ops.map((op) => methodAndPath(op).method)
    const { path } = await requestFor(first, all, all.as.owner)
    const [bare = path] = path.split('?')
    for (const method of METHODS.filter((one) => !allowed.includes(one))) {
      const reply = await all.as.owner.request(method, bare)
      expect([method, reply.status, reply.headers.get('allow')?.split(', ').sort()]).toEqual([method, 405, allowed.toSorted()])
    }
  })

  test.each([
    '/api/nothing/',
    '/api/expenses/x/y/z/',
    '/api/groups/grp_1/',
    '/api/expenses/usr_01jd3k5m7n9pqrstvwxyz01234/',
    '/api/expenses/EXP_01JD3K5M7N9PQRSTVWXYZ01234/',
    '/api/groups/%00/',
    '/api//expenses/',
    '/apix',
    '/api/expenses/%zz/',
    '/API/expenses/',
  ])('%s leads nowhere', async (path) => {
    expect(said(await ledger.ann.get(path)).slice(0, 2)).toEqual([404, 'RESOURCE_NOT_FOUND'])
  })

  test('with an id that nothing has leads nowhere, whatever is done there', async () => {
    const nobody = 'grp_01jd3k5m7n9pqrstvwxyz01234'
    for (const ask of [
      ledger.ann.get(`/api/groups/${nobody}/`),
      ledger.ann.patch(`/api/groups/${nobody}/`, { name: 'x' }),
      ledger.ann.post(`/api/groups/${nobody}/leave/`),
      ledger.ann.get(`/api/groups/${nobody}/audit/`),
    ]) {
      expect(said(await ask)).toEqual([404, 'RESOURCE_NOT_FOUND'])
    }
  })

  test('to an upload of a picture that is none is refused with what is taken', async () => {
    const reply = await refused(
      ledger.ann.post(`/api/expenses/${all.here.expense}/receipt/`, formWith('receipt', Uint8Array.from([1, 2, 3]))),
    )
    expect([reply.status, reply.body.error.details[0].expected]).toEqual([415, 'image/jpeg, image/png, image/webp, application/pdf'])
  })
})
