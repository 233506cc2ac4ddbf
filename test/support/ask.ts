// What is sent wrongly to the scene: the refusal in short, and the proof that nothing came of it.
import { expect } from 'vitest'
import { headsOf, scene, type Scene } from './scene.ts'
import type { Client, Reply } from './world.ts'

interface Ledger {
  readonly id: string
  readonly ann: Client
  readonly bob: Client
}

export let all: Scene
export let ledger: Ledger

/** Before the tests of a file: the scene that they share. */
export async function prepare(): Promise<void> {
  all = await scene()
  ledger = { id: all.here.id, ann: all.as.owner, bob: all.as.member }
}

/** What a refusal comes down to: its status, its code, and each thing that is wrong as `field code`. */
export const said = ({ status, body }: Reply): unknown[] => [
  status,
  body.error?.code,
  ...(body.error?.details ?? []).map((d: { field: string; code: string }) => `${d.field} ${d.code}`),
]

/** Sends it, and makes sure that nothing came of it. */
export async function refused(ask: Promise<Reply>): Promise<Reply> {
  const before = await headsOf(all)
  const reply = await ask
  expect(await headsOf(all)).toEqual(before)
  return reply
}

export const spend = (fields: object, headers: Record<string, string> = {}): Promise<Reply> =>
  refused(ledger.ann.post('/api/expenses/', { title: 'Lunch', amount: '10.00', group_id: ledger.id, ...fields }, { headers }))
