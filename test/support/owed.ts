// What people spend in a group and are owed for it, and a refusal in short.
import { dataOf } from './scene.ts'
import type { Client, Reply } from './world.ts'

/** What a refusal comes down to: its status, its code, and each field that is wrong. */
export const said = ({ status, body }: Reply): unknown[] => [
  status,
  body.error?.code,
  ...(body.error?.details ?? []).map((d: { field: string }) => d.field),
]

export interface Named {
  readonly id: string
  readonly name: string
}
interface Balances {
  readonly seq: number
  readonly balances: readonly { user: Named; member_id: string; balance: string; currency: { code: string } }[]
  readonly simplified_debts: readonly { from: Named; to: Named; amount: string }[]
  readonly optimal: boolean
  readonly certificate: readonly { currency: string; members: string[] }[]
}

export const balancesOf = (who: Client, id: string, query = ''): Promise<Balances> =>
  dataOf<Balances>(who.get(`/api/groups/${id}/balances/${query}`))
/** What everybody is owed, as `name amount`. */
export const owed = async (who: Client, id: string, query = ''): Promise<string[]> =>
  (await balancesOf(who, id, query)).balances.map((b) => `${b.user.name.replace(' Test', '')} ${b.balance}`)
export const spend = (who: Client, id: string, amount: string, fields: object = {}) =>
  dataOf<{ id: string; version: number }>(who.post('/api/expenses/', { title: 'Something', amount, group_id: id, ...fields }))
export const between = (...ids: readonly string[]) => ({ split_type: 'equal', split_data: { participants: ids } })
