// What is owed in a group and why, and what the group remembers of how it came to that.
import { describe, expect, test } from 'vitest'
import { balancesOf, between, owed, said, spend } from '../support/owed.ts'
import { dataOf } from '../support/scene.ts'
import { group, person } from '../support/world.ts'

describe('getBalances', () => {
  test('the plan has the fewest payments and proves it, or shows debts as they arose', async () => {
    const { id, as } = await group(['ann', 'bob', 'cid', 'dan'])
    await spend(as.ann, id, '10', between(as.bob.id))
    await spend(as.bob, id, '10', between(as.cid.id))
    await spend(as.dan, id, '5', between(as.dan.id))
    const plan = async () =>
      (await balancesOf(as.ann, id)).simplified_debts.map((d) => `${d.from.name} ${d.amount} ${d.to.name}`.replaceAll(' Test', ''))
    expect(await plan()).toEqual(['cid 10.00 ann'])
    expect(await balancesOf(as.ann, id)).toMatchObject({
      is_simplified: true,
      optimal: true,
      certificate: [{ currency: 'EUR', members: expect.arrayContaining([as.ann.id, as.cid.id]) as string[] }],
    })
    await as.ann.patch(`/api/groups/${id}/`, { settings: { simplify_debts: false } })
    expect((await plan()).sort()).toEqual(['bob 10.00 ann', 'cid 10.00 bob'])
  })

  test('read again, shows whatever has changed, to those who may still see it', async () => {
    const { id, as, ids } = await group(['ann', 'bob', 'cid'])
    const stranger = await person('eve')
    const steps: readonly (() => Promise<unknown>)[] = [
      () => spend(as.ann, id, '10'),
      () => spend(as.bob, id, '30', between(ids.bob)),
      // Groups hear of a name a little later.
      async () => {
        await as.ann.patch('/api/users/me/', { first_name: 'Anna' })
        await expect.poll(async () => JSON.stringify(await balancesOf(as.bob, id))).toContain('Anna')
      },
      () => as.ann.patch(`/api/groups/${id}/`, { settings: { simplify_debts: false } }),
      () => as.ann.post(`/api/groups/${id}/members/`, { name: 'Grandma' }),
    ]
    for (const step of steps) {
      await balancesOf(as.bob, id)
      await step()
      const [now, again, seen] = [await balancesOf(as.ann, id), await balancesOf(as.ann, id), await balancesOf(as.bob, id)]
      expect([again, seen]).toEqual([now, now])
      const past = await balancesOf(as.ann, id, `?as_of_seq=${now.seq}`)
      expect(now.balances.map((b) => [b.user.id, b.balance])).toEqual(past.balances.map((b) => [b.user.id, b.balance]))
    }
    expect((await balancesOf(as.ann, id)).balances.map((b) => b.user.name)).toContain('Grandma')
    expect((await stranger.get(`/api/groups/${id}/balances/`)).status).toBe(404)
    const { id: other, as: others } = await group(['dan', 'fay'])
    await balancesOf(others.fay, other)
    await others.dan.delete(`/api/groups/${other}/members/${others.fay.id}/`)
    expect((await others.fay.get(`/api/groups/${other}/balances/`)).status).toBe(404)
    expect((await balancesOf(others.dan, other)).balances).toHaveLength(1)
  })

  test('gives the past by seq and by day', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const first = await spend(as.ann, id, '10')
    await spend(as.bob, id, '30')
    await as.ann.delete(`/api/expenses/${first.id}/`)
    expect(await owed(as.ann, id, `?as_of_seq=${first.version - 1}`)).toEqual(['ann 0.00', 'bob 0.00'])
    expect(await owed(as.ann, id, `?as_of_seq=${first.version}`)).toEqual(['ann 5.00', 'bob -5.00'])
    expect(await owed(as.ann, id, `?as_of_seq=${first.version + 1}`)).toEqual(['ann -10.00', 'bob 10.00'])
    expect(await owed(as.ann, id)).toEqual(['ann -15.00', 'bob 15.00'])
    const [today, yesterday] = [0, 1].map((days) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10))
    expect(await owed(as.ann, id, `?as_of_date=${today}`)).toEqual(['ann -15.00', 'bob 15.00'])
    expect(await owed(as.ann, id, `?as_of_date=${yesterday}`)).toEqual(['ann 0.00', 'bob 0.00'])
  })
})

describe('explainDebt', () => {
  test('its lines, what is older and what was rerouted add up to what the balances show, whatever was edited', async () => {
    const { id, as, ids } = await group(['ann', 'bob', 'cid'])
    const dinner = await spend(as.ann, id, '30')
    await spend(as.bob, id, '12', between(ids.ann, ids.cid))
    await as.ann.put(`/api/expenses/${dinner.id}/`, { amount: '60' })
    const taxi = await spend(as.cid, id, '7')
    await as.cid.delete(`/api/expenses/${taxi.id}/`)
    const { simplified_debts } = await balancesOf(as.ann, id)
    for (const [from, to] of [
      [ids.bob, ids.ann],
      [ids.ann, ids.bob],
      [ids.cid, ids.ann],
      [ids.cid, ids.bob],
      [ids.bob, ids.cid],
    ] as const) {
      const why = await dataOf<{ amount: string; earlier: string; rerouted: string; lines: { amount: string }[] }>(
        as.ann.get(`/api/groups/${id}/debts/${from}/${to}/explain/`),
      )
      const cents = (text: string) => Math.round(Number(text) * 100)
      expect(why.lines.reduce((total, line) => total + cents(line.amount), cents(why.earlier) + cents(why.rerouted))).toBe(
        cents(why.amount),
      )
      const shown = (a: string, b: string) =>
        simplified_debts.filter((d) => d.from.id === a && d.to.id === b).reduce((total, d) => total + cents(d.amount), 0)
      expect(cents(why.amount)).toBe(shown(from, to) - shown(to, from))
    }
    expect(said(await as.ann.get(`/api/groups/${id}/debts/${ids.ann}/${ids.ann}/explain/`)).slice(0, 2)).toEqual([422, 'VALIDATION_ERROR'])
  })
})

describe('listBalances', () => {
  test('sums for each currency what one owes and is owed, group by group', async () => {
    const [euros, dollars] = [await group(['ann', 'bob']), await person('eve')]
    const { ann, bob } = euros.as
    const other = await dataOf(dollars.post('/api/groups/', { name: 'Club', currency: 'USD', initial_members: [ann.email] }))
    const third = await dataOf(ann.post('/api/groups/', { name: 'Flat', currency: 'EUR', initial_members: [bob.email] }))
    await spend(ann, euros.id, '10')
    await spend(bob, third.id, '4')
    await spend(dollars, other.id, '3')
    const { totals, groups } = await dataOf<{ totals: object[]; groups: { balance: string }[] }>(ann.get('/api/users/me/balances/'))
    expect(groups.map((g) => g.balance).sort()).toEqual(['-1.50', '-2.00', '5.00'])
    expect(totals).toEqual(
      expect.arrayContaining([
        { currency: { code: 'EUR', symbol: '€' }, owed_to_me: '5.00', owed_by_me: '2.00', net: '3.00' },
        { currency: { code: 'USD', symbol: '$' }, owed_to_me: '0.00', owed_by_me: '1.50', net: '-1.50' },
      ]),
    )
  })
})

describe('listActivity and auditGroup', () => {
  test('the feed has every change once, in order and without a gap, and the audit finds nothing', async () => {
    const { id, as } = await group(['ann', 'bob'])
    const { id: expense } = await spend(as.ann, id, '10')
    await as.bob.post(`/api/expenses/${expense}/comments/`, { comment: 'Thanks' })
    await as.ann.put(`/api/expenses/${expense}/`, { amount: '11', title: 'Dinner' })
    await as.ann.delete(`/api/expenses/${expense}/`)
    await as.ann.post(`/api/expenses/${expense}/restore/`)
    const whole = await dataOf<{ seq: number; type: string; description: string }[]>(as.bob.get(`/api/groups/${id}/activity/`))
    expect(whole.map((item) => `${item.seq} ${item.type}`)).toEqual([
      '6 expense_restored',
      '5 expense_deleted',
      '4 expense_updated',
      '3 expense_commented',
      '2 expense_added',
      '1 group_created',
    ])
    expect(whole[1]?.description).toBe("ann Test deleted 'Dinner' expense of €11.00")
    for (const step of ['page', 'cursor']) {
      const seen: number[] = []
      for (let [page, at] = [1, ''] as [number, string | null]; at !== null; page++) {
        const { body } = await as.bob.get(
          `/api/groups/${id}/activity/?page_size=4${step === 'page' ? `&page=${page}` : at === '' ? '' : `&cursor=${at}`}`,
        )
        seen.push(...body.data.map((item: { seq: number }) => item.seq))
        at = body.meta.pagination.next_cursor
      }
      expect(seen).toEqual([6, 5, 4, 3, 2, 1])
    }
    expect((await as.bob.get(`/api/groups/${id}/audit/`)).body.data).toMatchObject({ is_sound: true, entries: 6, violations: [] })
  })
})
