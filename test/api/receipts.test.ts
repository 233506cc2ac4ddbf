// Receipts over the API: sent, read, matched to expenses and made into them. The engines behind the binding are stood in
// for (test/support/reader-stand-in.js); what they really read is tested in test/unit/reader.test.ts.
import { describe, expect, test } from 'vitest'
import type { Id } from '../../src/domain/ids.ts'
import { readReceipt } from '../../src/jobs/read-receipt.ts'
import { env } from '../support/env.ts'
import { hook, Receiver, Runs } from '../support/hooks.ts'
import { jobAt } from '../support/jobs.ts'
import { listen } from '../support/listen.ts'
import { formWith, png } from '../support/picture.ts'
import { dataOf } from '../support/scene.ts'
import { group, send, type Client } from '../support/world.ts'

// Widths that the stand-in takes for something else than a receipt.
const [CORRUPT, DOWN, BLANK] = [4, 5, 6]

const picture = (width: number, field = 'receipt') => formWith(field, png(width))
const total = (width: number): string => ((1000 + width) / 100).toFixed(2)

interface Sent {
  readonly id: string
  readonly ocr_status: string
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly ocr_data: any
  readonly file: { readonly url: string; readonly thumbnail_url: string }
}

const give = (who: Client, width: number, groupId?: string): Promise<Sent> =>
  dataOf<Sent>(who.post(`/api/receipts/${groupId === undefined ? '' : `?group_id=${groupId}`}`, picture(width)))

const spend = async (who: Client, groupId: string, fields: Record<string, unknown> = {}): Promise<string> =>
  (await dataOf(who.post('/api/expenses/', { title: 'Lunch', amount: '10.50', group_id: groupId, expense_date: '2024-01-14', ...fields })))
    .id

const fetchFile = (url: string) => send('GET', url.replace(/^https?:\/\/[^/]+/, ''))

const isSound = async (who: Client, groupId: string): Promise<void> => {
  const { body } = await who.get(`/api/groups/${groupId}/audit/`)
  expect(body.data).toMatchObject({ is_sound: true, violations: [] })
}

describe('uploadReceipt', () => {
  test('answers with what was read, as documented, and says how sure it is and what adds up', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const expense = await spend(as.ann, id)
    const { status, body } = await as.ann.post(`/api/expenses/${expense}/receipt/`, picture(50))
    expect(status).toBe(200)
    expect(body.data).toMatchObject({
      ocr_status: 'completed',
      ocr_error: null,
      ocr_data: {
        vendor: 'Cafe Central GmbH',
        date: '2024-01-14',
        time: '19:30',
        currency: 'EUR',
        total: '10.50',
        payment_method: 'cash',
        items: [
          { name: 'Pizza Margherita', price: '7.00' },
          { name: 'Tiramisu', price: '3.50' },
        ],
        is_proved: true,
      },
    })
    expect(body.data.ocr_data.confidence.total).toBeGreaterThan(0.9)
    const shown = await dataOf<{ receipt: string; attachments: { receipt_id: string }[] }>(as.bob.get(`/api/expenses/${expense}/`))
    expect(shown.attachments.map((file) => file.receipt_id)).toEqual([body.data.receipt_id])
    await isSound(as.ann, id)
  })

  test('of twelve at once each gets its own text back', async () => {
    const { id, as } = await group(['ann'])
    const expense = await spend(as.ann, id)
    const widths = Array.from({ length: 12 }, (_, i) => 100 + i)
    const replies = await Promise.all(widths.map((width) => as.ann.post(`/api/expenses/${expense}/receipt/`, picture(width))))
    const ids = replies.map(({ body }) => body.data.receipt_id as string)
    const read = () =>
      Promise.all(ids.map(async (receipt) => (await dataOf<Sent>(as.ann.get(`/api/receipts/${receipt}/`))).ocr_data?.total))
    await expect.poll(read, { timeout: 15_000 }).toEqual(widths.map(total))
  })

  test.each([
    ['a broken picture', CORRUPT, 'corrupt'],
    ['a blank one', BLANK, 'no_text'],
  ] as const)('says of %s why nothing was read; the next one is read', async (_, width, fault) => {
    const { id, as } = await group(['ann'])
    const expense = await spend(as.ann, id)
    const failed = await as.ann.post(`/api/expenses/${expense}/receipt/`, picture(width))
    expect(failed.body.data).toMatchObject({ ocr_status: 'failed', ocr_data: null, ocr_error: fault })
    const { body } = await as.ann.post(`/api/expenses/${expense}/receipt/`, picture(20))
    expect(body.data.ocr_data.total).toBe(total(20))
  })

  test('keeps a PDF without reading it', async () => {
    const { id, as } = await group(['ann'])
    const expense = await spend(as.ann, id)
    const pdf = formWith('receipt', Uint8Array.from(Buffer.from('%PDF-1.7\n%%EOF\n')), 'bill.pdf')
    const { body } = await as.ann.post(`/api/expenses/${expense}/receipt/`, pdf)
    expect(body.data).toMatchObject({ ocr_status: 'skipped', ocr_data: null })
  })

  test('answers that it is under way while no engine is there, and gives up after a few tries', async () => {
    const { id, as } = await group(['ann'])
    const sent = await give(as.ann, DOWN, id)
    expect(sent).toMatchObject({ ocr_status: 'processing', ocr_data: null })
    const effect = { kind: 'read_receipt', receiptId: sent.id as Id<'receipt'> } as const
    const at = jobAt(Date.now())
    await expect(readReceipt(at, effect, 1).then(String, (error: Error) => error.name)).resolves.toBe('OcrUnavailable')
    // Tried twice for the last time, as after a lost acknowledgement, it is told once.
    await readReceipt(at, effect, 4)
    await readReceipt(at, effect, 4)
    expect(await dataOf<Sent>(as.ann.get(`/api/receipts/${sent.id}/`))).toMatchObject({ ocr_status: 'failed', ocr_error: 'unavailable' })
    const told = await env.DB.prepare("SELECT COUNT(*) AS n FROM journal WHERE group_id = ? AND type = 'receipt_processed'")
      .bind(id)
      .first('n')
    expect(told).toBe(1)
  })

  test('the reading comes as receipt.processed on the socket and by webhook', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const receiver = new Receiver()
    await hook(as.bob, receiver, { events: ['receipt.processed'] })
    const socket = await listen(`/ws/groups/${id}`, { token: as.bob.token })
    await socket.first('ready')
    const { id: receipt } = await give(as.ann, 30, id)
    const isRead = (m: { type: string; data?: { event?: string } }) => m.type === 'receipt_update' && m.data?.event === 'receipt.processed'
    const message = (await socket.until((messages) => messages.some(isRead))).find(isRead)
    socket.close()
    expect(message?.data).toMatchObject({ receipt_id: receipt, receipt: { ocr_status: 'completed', ocr_data: { total: total(30) } } })
    const runs = new Runs()
    await runs.tell(id)
    await runs.drain()
    await expect
      .poll(async () => (await receiver.seen()).map(({ body }) => JSON.parse(body).event), { timeout: 10_000 })
      .toEqual(['receipt.processed'])
  })
})

describe('attachments', () => {
  test('several are kept, each with a small picture, and deleting one deletes its file for good', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const expense = await spend(as.ann, id)
    const path = `/api/expenses/${expense}/attachments/`
    const first = await dataOf(as.ann.post(path, picture(10, 'file')))
    const second = await dataOf(as.bob.post(path, picture(11, 'file')))
    const files = await dataOf<{ id: string; url: string; thumbnail_url: string; receipt_id: null }[]>(as.bob.get(path))
    expect(files.map((file) => [file.id, file.receipt_id])).toEqual([
      [first.id, null],
      [second.id, null],
    ])
    const { url, thumbnail_url: small } = files[0] ?? { url: '', thumbnail_url: '' }
    expect((await fetchFile(url)).status).toBe(200)
    expect((await fetchFile(small)).headers.get('content-type')).toBe('image/jpeg')
    expect((await as.bob.delete(`${path}${first.id}/`)).status).toBe(204)
    expect([(await fetchFile(url)).status, (await fetchFile(small)).status]).toEqual([404, 404])
    expect((await as.ann.get(`${path}${first.id}/`)).status).toBe(404)
    await isSound(as.ann, id)
  })

  test('an expense takes twenty, and says so of the next', async () => {
    const { id, as } = await group(['ann'])
    const expense = await spend(as.ann, id)
    const path = `/api/expenses/${expense}/attachments/`
    for (let n = 0; n < 20; n++) await dataOf(as.ann.post(path, picture(10, 'file')))
    const { status, body } = await as.ann.post(path, picture(10, 'file'))
    expect([status, body.error.details[0].code]).toEqual([422, 'TOO_MANY'])
    expect(await dataOf<unknown[]>(as.ann.get(path))).toHaveLength(20)
  })

  test('repeated under the same key, an upload keeps one file', async () => {
    const { id, as } = await group(['ann'])
    const expense = await spend(as.ann, id)
    const upload = () => as.ann.post(`/api/expenses/${expense}/receipt/`, picture(77), { headers: { 'idempotency-key': `up-${expense}` } })
    const [one, two] = [await upload(), await upload()]
    expect(two.headers.get('idempotent-replayed')).toBe('true')
    expect(two.body.data.receipt_id).toBe(one.body.data.receipt_id)
    expect(await dataOf<unknown[]>(as.ann.get(`/api/expenses/${expense}/attachments/`))).toHaveLength(1)
  })
})

describe('receipts without an expense', () => {
  test('are one’s own or the group’s, listed and deleted', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const [own, shared] = [await give(as.ann, 40), await give(as.ann, 41, id)]
    const seen = async (who: Client, query = '') => (await dataOf<Sent[]>(who.get(`/api/receipts/${query}`))).map((one) => one.id)
    expect(await seen(as.ann)).toEqual([shared.id, own.id])
    expect(await seen(as.bob)).toEqual([shared.id])
    expect(await seen(as.ann, '?is_matched=true')).toEqual([])
    expect((await as.bob.get(`/api/receipts/${own.id}/`)).status).toBe(404)
    expect((await as.bob.delete(`/api/receipts/${shared.id}/`)).status).toBe(204)
    expect([(await as.ann.get(`/api/receipts/${shared.id}/`)).status, (await fetchFile(shared.file.url)).status]).toEqual([404, 404])
    await isSound(as.ann, id)
  })

  test('are read again when asked', async () => {
    const { id, as } = await group(['ann'])
    const sent = await give(as.ann, BLANK, id)
    expect(await dataOf<Sent>(as.ann.post(`/api/receipts/${sent.id}/read/`))).toMatchObject({ ocr_status: 'failed', ocr_error: 'no_text' })
    const types = await env.DB.prepare('SELECT group_concat(type) AS types FROM (SELECT type FROM journal WHERE group_id = ? ORDER BY seq)')
      .bind(id)
      .first('types')
    expect(types).toBe('group_created,receipt_added,receipt_processed,receipt_requeued,receipt_processed')
  })
})

describe('createExpenseFromReceipt', () => {
  test('books what was read, and what is said comes first', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const { id: receipt } = await give(as.ann, 50, id)
    const { status, body } = await as.ann.post(`/api/receipts/${receipt}/expense/`, { title: 'Team lunch', tags: ['team'] })
    expect(status).toBe(201)
    expect(body.data).toMatchObject({
      title: 'Team lunch',
      vendor: 'Cafe Central GmbH',
      amount: '10.50',
      expense_date: '2024-01-14',
      tags: ['team'],
      participants: [{ share: '5.25' }, { share: '5.25' }],
    })
    expect(body.data.reconciled_at).not.toBeNull()
    const again = await as.ann.post(`/api/receipts/${receipt}/expense/`, {})
    expect([again.status, again.body.error.details[0].code]).toEqual([409, 'MATCHED'])
    await isSound(as.ann, id)
  })

  test('asks for the amount where none was read, and books nothing', async () => {
    const { id, as } = await group(['ann'])
    const { id: receipt } = await give(as.ann, BLANK, id)
    const { status, body } = await as.ann.post(`/api/receipts/${receipt}/expense/`, {})
    expect([status, body.error.details[0].field]).toEqual([422, 'amount'])
    expect((await as.ann.post(`/api/receipts/${receipt}/expense/`, { amount: '3.00' })).status).toBe(201)
  })

  test('with is_claimed its lines are open to be claimed', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const { id: receipt } = await give(as.ann, 50, id)
    const { id: expense } = await dataOf(as.ann.post(`/api/receipts/${receipt}/expense/`, { is_claimed: true }))
    const claims = await dataOf<{ lines: { name: string; left: string }[]; shares: unknown[] }>(
      as.bob.get(`/api/expenses/${expense}/claims/`),
    )
    expect(claims.lines.map(({ name, left }) => [name, left])).toEqual([
      ['Pizza Margherita', '1'],
      ['Tiramisu', '1'],
    ])
    expect(claims.shares).toMatchObject([{ name: 'ann Test', amount: '10.50' }])
  })
})

describe('matchReceipt', () => {
  test('offers the likeliest expenses with reasons, and ties the one that is chosen', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const near = await spend(as.ann, id, { title: 'Lunch', vendor: 'Café Central', amount: '10.50' })
    const off = await spend(as.ann, id, { title: 'Cafe Central', amount: '13.00' })
    await spend(as.ann, id, { title: 'Sofa', amount: '900.00' })
    const { id: receipt } = await give(as.bob, 50, id)
    const { matches } = await dataOf<{
      matches: { expense_id: string; match_score: number; amount_difference: string; reasons: { message: string }[] }[]
    }>(as.bob.get(`/api/receipts/${receipt}/matches/`))
    expect(matches.map((one) => [one.expense_id, one.amount_difference])).toEqual([
      [near, '0.00'],
      [off, '-2.50'],
    ])
    expect(matches[0]?.match_score).toBeGreaterThanOrEqual(0.95)
    expect(matches[1]?.reasons.map((reason) => reason.message)).toContain('Amount difference within tolerance')
    const matched = await dataOf<{ reconciled_at: string; receipt: string }>(
      as.bob.post(`/api/receipts/${receipt}/match/`, { expense_id: near }),
    )
    expect(matched.reconciled_at).not.toBeNull()
    const twice = await as.bob.post(`/api/receipts/${receipt}/match/`, { expense_id: off })
    expect(twice.status).toBe(409)
    const changed = await dataOf<{ reconciled_at: null }>(as.ann.patch(`/api/expenses/${near}/`, { amount: '11.00' }))
    expect(changed.reconciled_at).toBeNull()
    await isSound(as.ann, id)
  })
})

describe('reconcileGroup', () => {
  test('notes what is beyond doubt, leaves the rest to people with reasons, and changes nothing on a dry run', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const sure = await spend(as.ann, id, { vendor: 'Cafe Central', amount: '10.50' })
    const near = await spend(as.ann, id, { vendor: 'Cafe Central', amount: '14.00', expense_date: '2024-01-15' })
    const bare = await spend(as.ann, id, { title: 'Taxi', amount: '31.00', expense_date: '2024-02-01' })
    await spend(as.ann, id, { title: 'Later', amount: '10.50', expense_date: '2024-05-01' })
    const [first, second] = [await give(as.ann, 50, id), await give(as.ann, 250, id)]
    const run = (query = '') => dataOf<Record<string, never>>(as.ann.post(`/api/groups/${id}/reconcile/${query}`, { period: 'Q1-2024' }))
    const expected = {
      period: { from: '2024-01-01', until: '2024-03-31' },
      tolerance: '5.00',
      summary: {
        total_expenses: 3,
        already_reconciled: 0,
        auto_reconciled: 1,
        manual_review_required: 1,
        without_receipt: 1,
        reconciliation_rate: 33.3,
      },
      auto_reconciled: [{ expense_id: sure, receipt_id: first.id, amount_difference: '0.00' }],
      manual_review: [{ expense_id: near, potential_matches: [{ receipt_id: second.id, amount_difference: '-1.50' }] }],
      without_receipt: [{ expense_id: bare }],
    }
    expect(await run('?dry_run=true')).toMatchObject(expected)
    expect(await run()).toMatchObject(expected)
    expect(await run()).toMatchObject({ summary: { already_reconciled: 1, auto_reconciled: 0, reconciliation_rate: 33.3 } })
    expect((await dataOf<{ reconciled_at: string | null }>(as.bob.get(`/api/expenses/${sure}/`))).reconciled_at).not.toBeNull()
    const refused = await as.bob.post(`/api/groups/${id}/reconcile/`, { period: 'Q1-2024' })
    expect(refused.status).toBe(403)
    await isSound(as.ann, id)
  })

  test('leaves to people what has a file that nobody read, so that its summary adds up', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const body = { title: 'Hotel', amount: '80.00', group_id: id, expense_date: '2024-02-03' }
    const { id: hotel } = await dataOf(as.ann.post('/api/expenses/', body))
    const pdf = formWith('receipt', Uint8Array.from(Buffer.from('%PDF-1.7\n%%EOF\n')), 'bill.pdf')
    await dataOf(as.ann.post(`/api/expenses/${hotel}/receipt/`, pdf))
    expect(await dataOf(as.ann.post(`/api/groups/${id}/reconcile/`, { period: 'Q1-2024' }))).toMatchObject({
      summary: { total_expenses: 1, manual_review_required: 1, without_receipt: 0 },
      manual_review: [{ expense_id: hotel, potential_matches: [] }],
    })
  })

  test.each(['Q5-2024', '2024-13', '2024-02-02,2024-02-01', 'lately'])('says what a period may be in place of %s', async (period) => {
    const { id, as } = await group(['ann'])
    const { status, body } = await as.ann.post(`/api/groups/${id}/reconcile/`, { period })
    expect([status, body.error.details[0].field]).toEqual([422, 'period'])
  })
})
