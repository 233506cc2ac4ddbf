// Who may listen on the sockets, for how long, and what they may say there.
import { decodeJwt } from 'jose'
import { describe, expect, test, vi } from 'vitest'
import { isId } from '../../src/domain/ids.ts'
import { signAccessToken } from '../../src/platform/tokens.ts'
import { env } from '../support/env.ts'
import { evict, listen, personalGroup, signIn, spend } from '../support/listen.ts'
import { group, person, send, worker, type Client } from '../support/world.ts'

/** An access token of the client's session that ends so many seconds from now. */
function tokenFor(client: Client, secondsLeft: number): Promise<string> {
  const { sid } = decodeJwt<{ sid: string }>(client.token)
  if (!isId('session', sid) || !isId('user', client.id)) throw new Error('a token names its session')
  return signAccessToken(env.SECRET, { userId: client.id, sessionId: sid }, Date.now() - (3600 - secondsLeft) * 1000)
}

describe('who may listen', () => {
  test('a client says who it is on the upgrade or in its first message', async () => {
    const { id, as } = await group(['ann', 'bob'])
    for (const path of ['/ws', '/ws/', `/ws/groups/${id}`, `/ws/groups/${id}/`]) {
      for (const options of [{ token: as.bob.token }, { auth: signIn(as.bob) }]) {
        const socket = await listen(path, options)
        expect(socket.messages.length === 0 || socket.messages[0]?.type === 'ready').toBe(true)
        await socket.first('ready')
        socket.close()
      }
    }
  })

  test('a socket that does not say who it is within 10 s is closed', async () => {
    const ann = await person('ann')
    const real = globalThis.setTimeout
    // A hundred times as fast; a timer of the test itself would fire outside the request that it belongs to.
    const spy = vi.spyOn(globalThis, 'setTimeout').mockImplementation((work: () => void, ms = 0) => real(work, ms / 100))
    try {
      const [silent, speaking] = [await listen('/ws/', {}), await listen('/ws/', {})]
      speaking.send(signIn(ann))
      expect(await silent.closed).toBe(4401)
      expect(silent.messages.map((m) => m.data.code)).toEqual(['AUTH_REQUIRED'])
      await speaking.first('ready')
    } finally {
      spy.mockRestore()
    }
  })

  test('what is no token, or none any more, opens nothing', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const expired = await tokenFor(as.ann, -1)
    for (const path of ['/ws/', `/ws/groups/${id}`]) {
      for (const options of [
        { token: 'nonsense' },
        { token: expired },
        { auth: { type: 'auth', token: 'nonsense' } },
        { auth: { type: 'auth', token: expired } },
        { auth: 'hello' },
        { auth: { type: 'ping' } },
        { auth: { type: 'auth', token: expired, admin: true } },
      ]) {
        const socket = await listen(path, options)
        expect(await socket.closed).toBe(4401)
        expect(socket.messages.map((m) => m.type)).toEqual(['error'])
      }
    }
  })

  test('to a stranger a group is as if it were not there', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const stranger = await person('eve')
    const answers = []
    for (const groupId of [id, 'grp_01jd3k5m7n9pqrstvwxyz01234', 'grp_nonsense']) {
      for (const options of [{ token: stranger.token }, { auth: signIn(stranger) }]) {
        const socket = await listen(`/ws/groups/${groupId}?from_seq=0`, options)
        answers.push([await socket.closed, socket.messages])
      }
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]?.[0]).toBe(4404)
    const hub = await listen('/ws/', { auth: signIn(stranger, { [id]: 0 }) })
    expect((await hub.first('ready')).data.groups.map((g: { group_id: string }) => g.group_id)).not.toContain(id)
    await spend(as.ann, id)
    await spend(stranger, await personalGroup(stranger))
    expect((await hub.until((messages) => messages.some((m) => m.type === 'group_activity'))).some((m) => m.group_id === id)).toBe(false)
  })

  test('a member who is removed is told so and hears no more', async () => {
    const { id, as, ids } = await group(['ann', 'bob'])
    const socket = await listen(`/ws/groups/${id}`, { token: as.bob.token })
    await socket.first('snapshot')
    await evict(id)
    await as.ann.delete(`/api/groups/${id}/members/${ids.bob}/`)
    await spend(as.ann, id)
    expect(await socket.closed).toBe(4403)
    expect(socket.messages.slice(2).map((m) => m.data.activity?.type ?? m.type)).toEqual(['balance_update', 'member_removed', 'error'])
    expect(await (await listen(`/ws/groups/${id}`, { token: as.bob.token })).closed).toBe(4404)
  })

  test('a socket ends with its token', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const token = await tokenFor(as.bob, 1)
    const sockets = [await listen(`/ws/groups/${id}`, { token }), await listen('/ws/', { auth: { type: 'auth', token } })]
    for (const socket of sockets) await socket.first('ready')
    await evict(id)
    expect(await Promise.all(sockets.map((socket) => socket.closed))).toEqual([4401, 4401])
  })

  test('a socket whose session was ended hears nothing more once the session is looked up again', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const sockets = [await listen(`/ws/groups/${id}`, { token: as.bob.token }), await listen('/ws/', { token: as.bob.token })]
    for (const socket of sockets) await socket.first('ready')
    const hub = await personalGroup(as.bob)
    await send('POST', '/api/auth/logout/', { refresh: as.bob.refresh })
    await evict(id)
    await evict(hub)
    await spend(as.ann, id)
    expect(await Promise.all(sockets.map((socket) => socket.closed))).toEqual([4401, 4401])
    for (const socket of sockets) expect(socket.messages.some((m) => m.type === 'expense_update')).toBe(false)
  })

  test('an API key listens if it may read groups and expenses', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const keyWith = async (scopes: string[]): Promise<string> =>
      (await as.bob.post('/api/api-keys/', { name: 'Listener', scopes })).body.data.key
    const good = await listen(`/ws/groups/${id}`, { auth: { type: 'auth', token: await keyWith(['groups:read', 'expenses:read']) } })
    await good.first('snapshot')
    const poor = await listen(`/ws/groups/${id}`, { token: await keyWith(['groups:read']) })
    expect(await poor.closed).toBe(4403)
  })
})

describe('what a client may say', () => {
  test('a request that is no upgrade, or carries a token in its URL, is refused', async () => {
    const { id, as } = await group(['ann', 'bob'])
    for (const path of ['/ws/', `/ws/groups/${id}`]) {
      const reply = await as.ann.get(path)
      expect([reply.status, reply.headers.get('upgrade'), reply.body.error.code]).toEqual([426, 'websocket', 'UPGRADE_REQUIRED'])
      const leaky = await worker.fetch(`https://api.test${path}?token=${as.ann.token}`, { headers: { Upgrade: 'websocket' } })
      expect(leaky.status).toBe(422)
    }
    expect((await worker.fetch(`https://api.test/ws/groups/${id}?from_seq=-1`, { headers: { Upgrade: 'websocket' } })).status).toBe(422)
  })

  test('what there is to say and to hear is documented at /asyncapi.json', async () => {
    const reply = await worker.fetch('https://api.test/asyncapi.json')
    expect(await reply.json()).toMatchObject({ asyncapi: '3.0.0', servers: { quits: { host: 'api.test', protocol: 'wss' } } })
    const again = await worker.fetch('https://api.test/asyncapi.json', { headers: { 'If-None-Match': reply.headers.get('etag') ?? '' } })
    expect(again.status).toBe(304)
  })

  test('a ping is answered, and anything else with an error', async () => {
    const { id, as } = await group(['ann', 'bob'])
    for (const path of ['/ws/', `/ws/groups/${id}?from_seq=1`]) {
      for (const options of [{ token: as.ann.token }, { auth: signIn(as.ann) }]) {
        const socket = await listen(path, options)
        await socket.first('ready')
        await evict(id)
        for (const said of ['{"type":"ping"}', '{ "type": "ping" }', '{"type":"subscribe"}', '[]', 'hello']) socket.send(said)
        const told = await socket.until((messages) => messages.length >= 6)
        expect(
          told
            .slice(1)
            .map((m) => m.type)
            .sort(),
        ).toEqual(['error', 'error', 'error', 'pong', 'pong'])
        expect(socket.code).toBeUndefined()
      }
    }
  })

  test.each([
    ['more than 4 KB', [`{"type":"${'x'.repeat(4096)}"}`], 4413],
    ['bytes', [new ArrayBuffer(4)], 4415],
    ['more than 20 messages in a moment', Array.from({ length: 21 }, () => '{"type":"subscribe"}'), 4429],
  ])('%s close the socket', async (_, said, code) => {
    const { id, as } = await group(['ann'])
    for (const options of [{ token: as.ann.token }, { auth: signIn(as.ann) }]) {
      const socket = await listen(`/ws/groups/${id}`, options)
      await socket.first('snapshot')
      for (const message of said) socket.send(message)
      expect(await socket.closed).toBe(code)
    }
  })

  test('nobody holds more than 50 sockets on one group', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const sockets = await Promise.all(Array.from({ length: 50 }, () => listen(`/ws/groups/${id}`, { token: as.ann.token })))
    for (const socket of sockets) await socket.first('ready')
    expect(await (await listen(`/ws/groups/${id}`, { token: as.ann.token })).closed).toBe(4429)
    await (await listen(`/ws/groups/${id}`, { token: as.bob.token })).first('ready')
  })
})
