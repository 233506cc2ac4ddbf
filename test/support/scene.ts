// A group with somebody in each role, and another group beside it: what is tried on every operation is tried here.
// Nobody owes anything, so that anybody may leave.
import { SignJWT } from 'jose'
import { expect } from 'vitest'
import { SCOPES, type Scope } from '../../src/domain/actor.ts'
import { derive, tokenFor } from '../../src/platform/keys.ts'
import { env } from './env.ts'
import { formWith } from './picture.ts'
import { group, person, send, type Client } from './world.ts'

const NAMES = ['owner', 'coowner', 'admin', 'member', 'viewer', 'removed'] as const
type Name = (typeof NAMES)[number] | 'stranger'

/** A group and some of what is in it, by id. */
interface Place {
  readonly id: string
  readonly owner: Client
  readonly inviteCode: string
  readonly expense: string
  readonly pending: string
  readonly deleted: string
  readonly guest: string
  readonly invitation: string
  /** Of the open invitation. */
  readonly token: string
  /** The owner's own. */
  readonly category: string
  /** That was read, and is of no expense. */
  readonly receipt: string
  /** A file of `expense`. */
  readonly attachment: string
  /** An expense whose lines are open to be claimed, and a link to it with the token of a guest who came by it. */
  readonly itemized: string
  readonly claims: { readonly token: string; readonly guest: string }
}

export interface Scene {
  readonly here: Place
  /** Where nobody of the scene is in. */
  readonly elsewhere: Place
  readonly as: Readonly<Record<Name, Client>>
  /** The path of a signed link to a file. */
  readonly file: string
  /** API keys of the owner: with one scope alone, and with all but one. */
  readonly only: Readonly<Record<Scope, string>>
  readonly without: Readonly<Record<Scope, string>>
  /** Of a viewer, with every scope. */
  readonly viewerKey: string
  /** By user, of those who may write: one that they asked for, were asked for, disputed, and confirmed. */
  readonly settlements: Readonly<Record<string, Settlements>>
}

/** `payment` is a payment by card that they were paid with. */
type Settlements = Readonly<Record<'asking' | 'asked' | 'disputed' | 'completed' | 'payment', string>>

/** Throws unless the request was let through; its data otherwise. */
export async function dataOf<T = { id: string }>(reply: Promise<{ status: number; body: { data: T } }>): Promise<T> {
  const { status, body } = await reply
  expect(status, JSON.stringify(body)).toBeLessThan(300)
  return body.data
}

const cards = new Map<string, Promise<string>>()

/** The id of a card of theirs that can be paid with; the same one each time. */
export function cardOf(client: Client): Promise<string> {
  const known = cards.get(client.id)
  const made =
    known ?? dataOf(client.post('/api/payments/methods/', { method_type: 'stripe', stripe_token: 'tok_visa' })).then(({ id }) => id)
  cards.set(client.id, made)
  return made
}

const keyOf = async (client: Client, scopes: readonly string[]): Promise<string> =>
  (await dataOf<{ key: string }>(client.post('/api/api-keys/', { name: scopes.join(' ').slice(0, 90), scopes }))).key

/** The same token, but its hour is over. */
export async function expired(token: string): Promise<string> {
  const [header = {}, claims = {}] = token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>)
  return new SignJWT({ ...claims, exp: Math.floor(Date.now() / 1000) - 60 })
    .setProtectedHeader({ ...header, alg: 'HS256' })
    .sign(Uint8Array.from(derive(env.SECRET, 'access-token', 'HS256')))
}

/** An expense of which each line is its payer's own, so that nobody owes anything, opened to claims and to guests. */
async function openedIn(groupId: string, payer: Client): Promise<Pick<Place, 'itemized' | 'claims'>> {
  const split_data = { items: [{ name: 'Pizza', amount: '9.00', quantity: '3', participants: [payer.id] }] }
  const { id } = await dataOf(
    payer.post('/api/expenses/', { title: 'Dinner', amount: '9.00', group_id: groupId, split_type: 'itemized', split_data }),
  )
  await dataOf(payer.post(`/api/expenses/${id}/claims/open/`, {}))
  const { token } = await dataOf<{ token: string }>(payer.post(`/api/expenses/${id}/claim-links/`))
  const guest = await dataOf<{ guest_token: string }>(send('POST', `/api/claims/${token}/join/`, { name: 'Passer-by' }))
  return { itemized: id, claims: { token, guest: guest.guest_token } }
}

/** Fills a group: expenses in each state, a guest, an invitation. `spender` may not approve. */
async function furnish(id: string, owner: Client, spender: Client): Promise<Place> {
  const spent = (title: string, amount: string) =>
    dataOf(spender.post('/api/expenses/', { title, amount, group_id: id, split_type: 'equal', split_data: { participants: [spender.id] } }))
  const [expense, pending, deleted] = [await spent('Bread', '12.00'), await spent('Sofa', '500.00'), await spent('Mistake', '1.00')]
  await spender.delete(`/api/expenses/${deleted.id}/`)
  // A plan whose reason is gone: nobody owes anything.
  const debt = await dataOf(
    spender.post('/api/expenses/', {
      title: 'Loan',
      amount: '2.00',
      group_id: id,
      split_type: 'equal',
      split_data: { participants: [owner.id] },
    }),
  )
  await dataOf(owner.post(`/api/groups/${id}/plan/`, {}))
  await spender.delete(`/api/expenses/${debt.id}/`)
  const guest = await dataOf(owner.post(`/api/groups/${id}/members/`, { name: 'Grandma' }))
  const invitation = await dataOf<{ invitation_id: string }>(
    owner.post(`/api/groups/${id}/invite/`, { email: `invited.${id.slice(-8)}@example.com` }),
  )
  const { invite_code: inviteCode } = await dataOf<{ invite_code: string }>(owner.get(`/api/groups/${id}/`))
  const category = await dataOf(owner.post('/api/categories/', { name: `Own of ${id.slice(-8)}` }))
  const token = tokenFor(env.SECRET, 'invitation', invitation.invitation_id)
  const receipt = await dataOf(owner.post(`/api/receipts/?group_id=${id}`, formWith('receipt')))
  const attachment = await dataOf(owner.post(`/api/expenses/${expense.id}/attachments/`, formWith('file')))
  return {
    ...(await openedIn(id, spender)),
    id,
    owner,
    inviteCode,
    expense: expense.id,
    pending: pending.id,
    deleted: deleted.id,
    guest: guest.id,
    invitation: invitation.invitation_id,
    token,
    category: category.id,
    receipt: receipt.id,
    attachment: attachment.id,
  }
}

/** Settlements of the maker with a guest, and one that the other asked them for. What was paid is paid back: nobody owes anything. */
async function settlementsOf({ id: groupId, guest }: Place, maker: Client, other: Client): Promise<Settlements> {
  const ask = async (by: Client, sides: Record<string, string>): Promise<string> =>
    (await dataOf(by.post('/api/payments/settlements/', { group_id: groupId, amount: '1.00', ...sides }))).id
  const act = (id: string, verb: string, body: unknown) => dataOf(maker.post(`/api/payments/settlements/${id}/${verb}/`, body))
  const asking = await ask(maker, { payee_id: guest })
  const asked = await ask(other, { payer_id: maker.id, payee_id: other.id })
  const disputed = await ask(maker, { payee_id: guest })
  await act(disputed, 'dispute', { reason: 'Wrong' })
  const completed = await ask(maker, { payer_id: guest, payee_id: maker.id })
  await act(completed, 'confirm', { confirmation_type: 'received' })
  await act(await ask(maker, { payee_id: guest }), 'confirm', { confirmation_type: 'paid' })
  const paid = await ask(other, { payee_id: maker.id })
  const { payment_id: payment } = await dataOf<{ payment_id: string }>(
    other.post('/api/payments/process/', { settlement_id: paid, payment_method_id: await cardOf(other) }),
  )
  await act(await ask(maker, { payee_id: other.id }), 'confirm', { confirmation_type: 'paid' })
  return { asking, asked, disputed, completed, payment }
}

const APPROVAL = { settings: { require_approval: true, approval_threshold: '100.00' } }

export async function scene(): Promise<Scene> {
  const [main, other, stranger] = await Promise.all([group(NAMES, APPROVAL), group(['eve', 'mal'], APPROVAL), person('stranger')])
  const { id, as } = main
  const role = (name: Name & keyof typeof as, to: string) =>
    dataOf(as.owner.patch(`/api/groups/${id}/members/${as[name].id}/`, { role: to }))
  await Promise.all([role('coowner', 'owner'), role('admin', 'admin'), role('viewer', 'viewer')])
  await as.owner.delete(`/api/groups/${id}/members/${as.removed.id}/`)
  const [here, elsewhere] = await Promise.all([furnish(id, as.owner, as.member), furnish(other.id, other.as.eve, other.as.mal)])
  const { avatar_url: file } = await dataOf<{ avatar_url: string }>(as.owner.post('/api/users/me/avatar/', formWith('avatar')))
  const makers = [as.owner, as.coowner, as.admin, as.member]
  const settlements: Record<string, Settlements> = {}
  for (const maker of makers) settlements[maker.id] = await settlementsOf(here, maker, maker === as.owner ? as.coowner : as.owner)
  const keys = async (scopesOf: (scope: Scope) => readonly Scope[]) =>
    Object.fromEntries(await Promise.all(SCOPES.map(async (scope) => [scope, await keyOf(as.owner, scopesOf(scope))] as const))) as Record<
      Scope,
      string
    >
  return {
    here,
    elsewhere,
    as: { ...as, stranger },
    file: file.replace(/^https?:\/\/[^/]+/, ''),
    only: await keys((scope) => [scope]),
    without: await keys((scope) => SCOPES.filter((other_) => other_ !== scope)),
    settlements,
    viewerKey: await keyOf(as.viewer, SCOPES),
  }
}

const HEADS = `SELECT (SELECT seq || ':' || expense_count || ':' || member_count FROM groups WHERE id = ?1) AS here,
  (SELECT seq || ':' || expense_count || ':' || member_count FROM groups WHERE id = ?2) AS elsewhere,
  (SELECT COUNT(*) FROM outbox WHERE kind = 'profile_changed' AND done_at IS NULL) AS unheard`

/** How far both groups have come, when they have heard of every change of a profile; moves with whatever is stored. */
export async function headsOf({ here, elsewhere }: Scene): Promise<unknown> {
  const read = () => env.DB.prepare(HEADS).bind(here.id, elsewhere.id).first()
  await expect.poll(read, { interval: 10, timeout: 10_000 }).toMatchObject({ unheard: 0 })
  return read()
}
