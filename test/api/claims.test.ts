// Claiming the lines of an itemised expense: by members, by guests through a link, all at once, and watched live.
import { describe, expect, test } from 'vitest'
import { env } from '../support/env.ts'
import { listen } from '../support/listen.ts'
import { dataOf } from '../support/scene.ts'
import { group, send, type Client, type Group, type Reply } from '../support/world.ts'

interface Claims {
  readonly amount: string
  readonly is_open: boolean
  readonly lines: readonly { readonly left: string; readonly claims: readonly { readonly name: string; readonly portion: string }[] }[]
  readonly shares: readonly { readonly name: string; readonly amount: string }[]
}

type Team = Group<'ann' | 'bob' | 'cem'>

const ITEMS = [
  { name: 'Pizza', amount: '12.00' },
  { name: 'Beer', amount: '10.00', quantity: '4' },
  { name: 'Salad', amount: '7.99' },
]

/** A dinner that Ann paid, 33.00 with tip, with its lines open. */
async function dinner(): Promise<{ team: Team; id: string; path: string }> {
  const team = await group(['ann', 'bob', 'cem'])
  const { as } = team
  const split_data = { items: ITEMS.map((item) => ({ ...item, participants: [as.ann.id] })), tip: '3.01' }
  const { id } = await dataOf(
    as.ann.post('/api/expenses/', { title: 'Dinner', amount: '33.00', group_id: team.id, split_type: 'itemized', split_data }),
  )
  await dataOf(as.ann.post(`/api/expenses/${id}/claims/open/`, {}))
  return { team, id, path: `/api/expenses/${id}/claims/` }
}

const claim = (who: Client, path: string, line: number, body: unknown): Promise<Reply> => who.put(`${path}lines/${line}/`, body)

/** The sum of decimal texts with two decimals, in hundredths. */
const sumOf = (amounts: readonly string[]): number => amounts.reduce((total, amount) => total + Math.round(Number(amount) * 100), 0)

const sharesOf = ({ shares }: Claims): Record<string, string> =>
  Object.fromEntries(shares.map(({ name, amount }) => [name.split(' ')[0] ?? '', amount]))

async function netsOf({ id, as }: Team): Promise<Record<string, string>> {
  const { body } = await as.ann.get(`/api/groups/${id}/balances/`)
  const lines = body.data.balances as { user: { name: string }; balance: string }[]
  return Object.fromEntries(lines.map((line) => [line.user.name.split(' ')[0] ?? '', line.balance]))
}

describe('claimLine', () => {
  test('lines follow their claims, tip pro rata, and the payer bears what nobody took', async () => {
    const { team, path } = await dinner()
    const { ann, bob, cem } = team.as
    await dataOf(claim(bob, path, 0, { portion: '1/2' }))
    await dataOf(claim(cem, path, 1, { quantity: '3' }))
    const claims = await dataOf<Claims>(claim(bob, path, 2, { portion: '1/3' }))
    // Of 29.99 Bob has 6 + 2.66333, Cem 7.50; each share is that times 33.00 / 29.99.
    expect(sharesOf(claims)).toEqual({ ann: '15.22', bob: '9.53', cem: '8.25' })
    expect(claims.lines.map(({ left }) => left)).toEqual(['1/2', '1/4', '2/3'])
    expect(await netsOf(team)).toEqual({ ann: '17.78', bob: '-9.53', cem: '-8.25' })
    const back = await dataOf<Claims>(claim(bob, path, 0, { portion: null }))
    expect(back.lines[0]).toMatchObject({ left: '1', claims: [] })
    expect((await ann.get(`/api/groups/${team.id}/audit/`)).body.data).toMatchObject({ is_sound: true })
  })

  test('of many who claim a whole line at once one gets it, and the others are told what is left', async () => {
    const { team, path } = await dinner()
    const { ann, bob, cem } = team.as
    const replies = await Promise.all([ann, bob, cem, bob, cem].map((who) => claim(who, path, 0, { portion: '1' })))
    const claims = await dataOf<Claims>(ann.get(path))
    const [owner] = claims.lines[0]?.claims ?? []
    expect(claims.lines[0]).toMatchObject({ left: '0', claims: [{ portion: '1' }] })
    const refused = replies.filter(({ status }) => status !== 200)
    expect(refused.map(({ status, body }) => [status, body.error.code, body.error.details[0].expected])).toEqual(
      refused.map(() => [409, 'CONFLICT', '0']),
    )
    expect(replies.length - refused.length).toBe(owner?.name === 'ann Test' ? 1 : 2)
    expect(sumOf(claims.shares.map(({ amount }) => amount))).toBe(3300)
  })

  test('claims that fit together all stand, however many come at once', async () => {
    const { team, path } = await dinner()
    const all = Object.values(team.as)
    const replies = await Promise.all(all.flatMap((who) => [0, 1, 2].map((line) => claim(who, path, line, { portion: '1/3' }))))
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200))
    for (const { body } of replies) expect(sumOf((body.data as Claims).shares.map(({ amount }) => amount))).toBe(3300)
    const claims = await dataOf<Claims>(team.as.ann.get(path))
    expect(claims.lines.map(({ left }) => left)).toEqual(['0', '0', '0'])
    expect(sharesOf(claims)).toEqual({ ann: '11.00', bob: '11.00', cem: '11.00' })
  })

  test.each([
    [0, { portion: '0' }, 'portion'],
    [0, { portion: '-1/2' }, 'portion'],
    [0, { portion: '3/2' }, 'portion'],
    [0, { portion: '1/2001' }, 'portion'],
    [0, { quantity: '1' }, 'quantity'],
    [1, { quantity: '5' }, 'quantity'],
    [9, { portion: '1' }, 'line'],
    [0, {}, 'portion'],
    [0, { portion: '1', quantity: '1' }, 'portion'],
  ])('refuses line %i claimed as %j, naming %s, and stores nothing', async (line, body, field) => {
    const { team, path } = await dinner()
    const before = await dataOf(team.as.ann.get(path))
    const reply = await claim(team.as.bob, path, line, body)
    expect([reply.status, reply.body.error.details[0].field]).toEqual([422, field])
    expect(await dataOf(team.as.ann.get(path))).toEqual(before)
  })

  test('a viewer claims nothing, and an expense that is not itemised has no lines', async () => {
    const { team, path } = await dinner()
    await dataOf(team.as.ann.patch(`/api/groups/${team.id}/members/${team.ids.cem}/`, { role: 'viewer' }))
    expect((await claim(team.as.cem, path, 0, { portion: '1' })).status).toBe(403)
    const { id } = await dataOf(team.as.ann.post('/api/expenses/', { title: 'Taxi', amount: '9.00', group_id: team.id }))
    const { status, body } = await team.as.ann.post(`/api/expenses/${id}/claims/open/`, {})
    expect([status, body.error.details[0].code]).toEqual([422, 'NOT_ITEMIZED'])
  })

  test('who turns out to have paid bears what nobody took', async () => {
    const { team, id, path } = await dinner()
    const { ann, bob, cem } = team.as
    await dataOf(claim(cem, path, 0, { portion: '1' }))
    await dataOf(ann.patch(`/api/expenses/${id}/`, { paid_by: bob.id }))
    const shares = sharesOf(await dataOf<Claims>(ann.get(path)))
    expect([shares['bob'], shares['cem']]).toEqual(['19.80', '13.20'])
    expect((await ann.get(`/api/groups/${team.id}/audit/`)).body.data).toMatchObject({ is_sound: true })
  })

  test('closed, they stand and change no more; split anew, they are gone', async () => {
    const { team, id, path } = await dinner()
    const { ann, bob } = team.as
    await dataOf(claim(bob, path, 0, { portion: '1' }))
    expect(await dataOf<Claims>(ann.post(`${path}close/`))).toMatchObject({ is_open: false })
    expect((await claim(bob, path, 0, { portion: null })).status).toBe(409)
    expect(await dataOf<Claims>(ann.post(`${path}open/`, {}))).toMatchObject({ lines: [{ left: '0' }, { left: '1' }, { left: '1' }] })
    await dataOf(ann.post(`/api/expenses/${id}/split/`, { split_type: 'equal', split_data: { participants: [ann.id, bob.id] } }))
    expect((await ann.get(path)).status).toBe(409)
  })
})

describe('guests by a link', () => {
  async function linked() {
    const made = await dinner()
    const link = await dataOf<{ id: string; token: string; url: string }>(made.team.as.ann.post(`/api/expenses/${made.id}/claim-links/`))
    return { ...made, link, at: `/api/claims/${link.token}/` }
  }
  const join = (at: string, name: string) => dataOf<{ guest_token: string; member_id: string }>(send('POST', `${at}join/`, { name }))

  test('see the one expense, take a place and claim, and owe what they had', async () => {
    const { team, at } = await linked()
    const shown = await dataOf<Claims>(send('GET', at))
    expect(shown.lines.map(({ left }) => left)).toEqual(['1', '1', '1'])
    const { guest_token, member_id } = await join(at, 'Dora')
    const claims = await dataOf<Claims>(send('PUT', `${at}lines/0/`, { guest_token, portion: '1' }))
    expect(sharesOf(claims)).toMatchObject({ Dora: '13.20' })
    expect(await netsOf(team)).toMatchObject({ Dora: '-13.20', ann: '13.20' })
    const people = await dataOf<{ id: string; is_guest: boolean }[]>(team.as.ann.get(`/api/groups/${team.id}/members/`))
    expect(people.find(({ id }) => id === member_id)?.is_guest).toBe(true)
    expect((await team.as.ann.get(`/api/groups/${team.id}/audit/`)).body.data).toMatchObject({ is_sound: true })
  })

  test('only with a token of that link, and only while it stands', async () => {
    const { team, id, link, at } = await linked()
    const other = await dataOf<{ token: string }>(team.as.ann.post(`/api/expenses/${id}/claim-links/`))
    const { guest_token } = await join(at, 'Dora')
    const put = (path: string, token: string) => send('PUT', `${path}lines/0/`, { guest_token: token, portion: '1/2' })
    expect((await put(`/api/claims/${other.token}/`, guest_token)).status).toBe(401)
    expect((await put(at, `${guest_token.slice(0, -4)}AAAA`)).status).toBe(401)
    const member = `mem_${guest_token.slice(4, 30)}`
    expect(
      (
        await put(
          at,
          guest_token.replace(
            member,
            member.replace(/.$/, (c) => (c === '0' ? '1' : '0')),
          ),
        )
      ).status,
    ).toBe(401)
    expect((await put(at, guest_token)).status).toBe(200)
    expect((await team.as.ann.delete(`/api/expenses/${id}/claim-links/${link.id}/`)).status).toBe(204)
    expect([(await send('GET', at)).status, (await put(at, guest_token)).status]).toEqual([404, 404])
    expect(await dataOf<unknown[]>(team.as.ann.get(`/api/expenses/${id}/claim-links/`))).toHaveLength(1)
  })

  test('bear what they claim, and no part of what is split among all members', async () => {
    const { team, id } = await dinner()
    const { token } = await dataOf<{ token: string }>(team.as.ann.post(`/api/expenses/${id}/claim-links/`))
    await dataOf(send('POST', `/api/claims/${token}/join/`, { name: 'Dora' }))
    const groceries = await dataOf<{ participants: unknown[] }>(
      team.as.ann.post('/api/expenses/', { title: 'Groceries', amount: '30.00', group_id: team.id }),
    )
    expect(groceries.participants).toHaveLength(3)
  })

  test('do not take up every place of a group: there is room for 50 of them', async () => {
    const { team, at } = await linked()
    for (let i = 0; i < 50; i++) await join(at, `Guest ${i}`)
    const { status, body } = await send('POST', `${at}join/`, { name: 'One more' })
    expect([status, body.error.details[0].message]).toEqual([422, 'The group has 53 members, 50 of them by links; at most 200 and 50'])
    expect((await team.as.ann.post(`/api/groups/${team.id}/members/`, { name: 'Guest of the house' })).status).toBe(201)
  })

  test('under one key a link is made once and ended once, and its token stands nowhere', async () => {
    const { team, id } = await dinner()
    const path = `/api/expenses/${id}/claim-links/`
    const key = { headers: { 'Idempotency-Key': crypto.randomUUID() } }
    const made = await dataOf<{ id: string; token: string }>(team.as.ann.post(path, undefined, key))
    expect(await dataOf(team.as.ann.post(path, undefined, key))).toEqual(made)
    const kept = await env.DB.prepare('SELECT group_concat(outcome) AS all_of FROM idempotency').first<string>('all_of')
    expect(kept).not.toContain(made.token)
    const end = { headers: { 'Idempotency-Key': crypto.randomUUID() } }
    const ended = [await team.as.ann.delete(`${path}${made.id}/`, end), await team.as.ann.delete(`${path}${made.id}/`, end)]
    expect(ended.map(({ status }) => status)).toEqual([204, 204])
  })

  test('a link ends with the membership of whoever made it', async () => {
    const { team, id } = await dinner()
    const { token } = await dataOf<{ token: string }>(team.as.bob.post(`/api/expenses/${id}/claim-links/`))
    expect((await send('GET', `/api/claims/${token}/`)).status).toBe(200)
    await dataOf(team.as.ann.delete(`/api/groups/${team.id}/members/${team.ids.bob}/`))
    expect((await send('GET', `/api/claims/${token}/`)).status).toBe(404)
  })

  test('everyone watches it live, members and guests', async () => {
    const { team, link, at, path } = await linked()
    const guests = await listen(`/ws/claims/${link.token}`, {})
    const members = await listen(`/ws/groups/${team.id}`, { token: team.as.cem.token })
    await Promise.all([guests.first('claims_update'), members.first('ready')])
    const { guest_token } = await join(at, 'Dora')
    await dataOf(send('PUT', `${at}lines/1/`, { guest_token, quantity: '2' }))
    await dataOf(claim(team.as.bob, path, 1, { quantity: '1' }))
    const last = await guests.until((messages) => messages.at(-1)?.data?.lines?.[1]?.left === '1/4')
    expect(last.at(-1)?.data).toEqual(await dataOf(send('GET', at)))
    const told = await members.until((messages) =>
      messages.some((m) => m.type === 'expense_update' && m.data.claims?.lines[1].left === '1/4'),
    )
    expect(told.find((m) => m.type === 'expense_update')?.data.action).toBe('claimed')
    await dataOf(team.as.ann.delete(`/api/expenses/${last.at(-1)?.data.expense_id}/`))
    expect(await guests.closed).toBe(4404)
    members.close()
    const late = await listen(`/ws/claims/${link.token}`, {})
    expect(await late.closed).toBe(4404)
  })
})
