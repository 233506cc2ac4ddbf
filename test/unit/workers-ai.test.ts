// Workers AI over the line, against a server that speaks its documented API (test/support/workers-ai-server.ts).
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OcrUnavailable } from '../../src/platform/ocr/ocr.ts'
import { WorkersAiOcr, type WorkersAiEnv } from '../../src/platform/ocr/workers-ai.ts'
import { failed, MODEL, responded, said, TOKEN, WorkersAiServer, type Answer } from '../support/workers-ai-server.ts'

const PICTURE = Uint8Array.of(0xff, 0xd8, 0xff, 1, 2, 3)
const server = new WorkersAiServer()
let env: WorkersAiEnv

beforeAll(async () => {
  env = { ENVIRONMENT: 'local', WORKERS_AI_URL: await server.start(), WORKERS_AI_MODEL: MODEL, WORKERS_AI_TOKEN: TOKEN }
})
afterAll(() => server.stop())

const recognise = (answer: Answer, changed: Partial<WorkersAiEnv> = {}, timeoutMs?: number) => {
  server.answer(answer)
  return new WorkersAiOcr({ ...env, ...changed }, timeoutMs).recognise(PICTURE, 'image/jpeg')
}

/** What is thrown; it must not tell the token, however deep one looks. */
async function thrownBy(promise: Promise<unknown>): Promise<OcrUnavailable> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof OcrUnavailable)) throw new Error('nothing was thrown, or something else', { cause: error })
  expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('canary')
  expect(`${error.stack}`).not.toContain('canary')
  return error
}

const textsIn = async (asked: ReturnType<typeof recognise>): Promise<string[]> => {
  const answer = await asked
  if (!answer.ok) throw new Error(answer.error.message)
  return answer.value.page.snippets.map(({ text }) => text)
}

describe('WorkersAiOcr', () => {
  test('sends the picture as a data URI beside the question, and reads what a chat model says', async () => {
    expect(await textsIn(recognise(said('CAFÉ ROT\nTotal    12.50')))).toEqual(['CAFÉ ROT', 'Total', '12.50'])
    const asked = server.asked.at(-1)
    const [question, picture] = asked?.messages[0]?.content ?? []
    expect(question).toMatchObject({ type: 'text', text: expect.stringContaining('exactly as it is printed') })
    expect(picture).toEqual({
      type: 'image_url',
      image_url: { url: `data:image/jpeg;base64,${Buffer.from(PICTURE).toString('base64')}` },
    })
    expect(asked).toMatchObject({ temperature: 0, max_completion_tokens: 4096 })
  })

  test('reads what an older model says', async () => {
    expect(await textsIn(recognise(responded('Total    12.50')))).toEqual(['Total', '12.50'])
  })

  test('sends the bytes of a part of a buffer, not the buffer', async () => {
    server.answer(said('1.00'))
    await new WorkersAiOcr(env).recognise(new Uint8Array(Uint8Array.of(9, 9, 0xff, 0xd8, 9).buffer, 2, 2), 'image/png')
    expect(server.asked.at(-1)?.messages[0]?.content[1]).toEqual({ type: 'image_url', image_url: { url: 'data:image/png;base64,/9g=' } })
  })

  test.each([
    ['says so', 'NO_TEXT'],
    ['says nothing', ' \n'],
  ])('a picture on which the model %s has no text', async (_, words) => {
    expect(await recognise(said(words))).toMatchObject({ ok: false, error: { reason: 'no_text' } })
  })

  test('a picture that is too large, here or there, is the fault of the picture', async () => {
    const asked = server.asked.length
    const huge = new WorkersAiOcr(env).recognise(new Uint8Array(5_000_001), 'image/jpeg')
    expect(await huge).toMatchObject({ ok: false, error: { reason: 'too_large' } })
    expect(server.asked).toHaveLength(asked)
    expect(await recognise(failed(413, 3006, 'Request is too large'))).toMatchObject({ ok: false, error: { reason: 'too_large' } })
  })

  test('being busy is told with the time it asks for', async () => {
    const busy = failed(429, 3040, 'No more data centers to forward the request to', { 'retry-after': '30' })
    expect(await thrownBy(recognise(busy))).toMatchObject({ message: 'workers_ai answered 429 (3040)', retryAfterS: 30 })
  })

  test.each<[string, Answer, string]>([
    ['a failure', failed(500, 3043, `Internal error of ${TOKEN}`), 'workers_ai answered 500 (3043)'],
    ['a page of a proxy', { status: 502, raw: '<h1>502 Bad Gateway</h1>' }, 'workers_ai answered 502, and no JSON'],
    ['half a reply', { status: 200, raw: '{"result":{"response":"To' }, 'workers_ai answered 200, and no JSON'],
    ['JSON that is no object', { status: 200, raw: '"Total"' }, 'workers_ai answered 200, and no JSON'],
    ['errors with status 200', failed(200, 7003, 'Could not route'), 'workers_ai answered 200 (7003)'],
    ['no text', said(null), 'workers_ai answered without a text'],
    ['a result of another shape', { status: 200, json: { success: true, errors: [], result: [] } }, 'workers_ai answered without a text'],
    ['a redirect', { status: 307, raw: '', headers: { location: '/elsewhere' } }, 'workers_ai answered 307, and no JSON'],
    ['more than it may say', { status: 200, raw: ' '.repeat(1_000_001) }, 'workers_ai did not answer: more than 1000000 bytes'],
    ['a line that is cut', 'close', 'workers_ai did not answer: the connection failed'],
  ])('%s is for another try, in words that repeat nothing', async (_, answer, words) => {
    expect(await thrownBy(recognise(answer))).toMatchObject({ message: words, retryAfterS: undefined })
  })

  test.each(['hang', 'hang in the body'] as const)(
    'an answer does not come (%s): it is waited for no longer than its time',
    async (how) => {
      const begun = performance.now()
      expect((await thrownBy(recognise(how, {}, 150))).message).toBe('workers_ai did not answer within 150 ms')
      expect(performance.now() - begun).toBeLessThan(3000)
    },
  )

  test('a wrong token, and one that is no header, are not repeated', async () => {
    expect((await thrownBy(recognise(said('-'), { WORKERS_AI_TOKEN: 'canary-other' }))).message).toBe('workers_ai answered 401 (10000)')
    expect((await thrownBy(recognise(said('-'), { WORKERS_AI_TOKEN: 'canary\nother' }))).message).toBe(
      'workers_ai did not answer: the connection failed',
    )
  })

  test.each<[string, Partial<WorkersAiEnv>]>([
    ['without an address', { WORKERS_AI_URL: '' }],
    ['without a model', { WORKERS_AI_MODEL: '' }],
    ['without a token', { WORKERS_AI_TOKEN: '' }],
    ['over plain HTTP, away from this machine', { WORKERS_AI_URL: 'http://api.example.com' }],
    ['over plain HTTP, in production', { ENVIRONMENT: 'production' }],
  ])('%s it is not set up, and nothing is sent', async (_, changed) => {
    const asked = server.asked.length
    const ocr = new WorkersAiOcr({ ...env, ...changed })
    expect((await thrownBy(ocr.recognise(PICTURE, 'image/jpeg'))).message).toContain('is not set up')
    expect(server.asked).toHaveLength(asked)
  })
})
