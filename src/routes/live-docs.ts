// The sockets for those who write a client: every message with its schema and an example, and what to do with them.
import type { z } from 'zod'
import type { SocketChannel, SocketInfo, SocketMessage } from '../http/asyncapi.ts'
import { PongOut, RefusalOut } from '../http/socket-words.ts'
import { EXAMPLE_EXPENSE, EXAMPLE_IDS } from './examples.ts'
import { EXAMPLE_CLAIM_LINK, EXAMPLE_CLAIMS, EXAMPLE_RECEIPT } from './examples-receipts.ts'
import { EXAMPLE_SETTLEMENT } from './examples-payments.ts'
import { EXAMPLE_JOB, JobUpdateOut } from './job-shapes.ts'
import { AuthAllIn, AuthIn, PingIn, WatchQuery } from './live-forms.ts'
import { EXAMPLE_NOTIFICATION, NotificationMessageOut } from './notification-shapes.ts'
import {
  BalanceUpdateOut,
  ClaimsUpdateOut,
  ExpenseUpdateOut,
  GroupActivityOut,
  PaymentUpdateOut,
  ReadyAllOut,
  ReadyOut,
  ReceiptUpdateOut,
  SnapshotOut,
} from './live-shapes.ts'

const DESCRIPTION = `Every change in a group is an entry with the next **seq**. An entry comes to an \`expense_update\` if it is about an expense, a \`receipt_update\` for each receipt and a \`payment_update\` for each settlement that it names, a \`balance_update\`
if it may change the list of balances, and always a \`group_activity\`, in this order and all with the seq of the entry. So \`group_activity\` is the last word on an
entry: its seq is where to resume. Every message about a group names it in \`group_id\`.

**Signing in.** Send \`Authorization: Bearer …\` with the upgrade, or, as browsers must, \`auth\` as the first message within 10 seconds. A token in the URL is refused. An API
key needs the scopes \`groups:read\` and \`expenses:read\`. A socket ends with its token: connect again with a new one and resume; nothing is lost.

**Staying right.** Keep the lines of the balances by member. A \`snapshot\`, or \`GET /api/groups/{group_id}/balances/\`, says all of them as of a seq. A \`balance_update\` gives all lines of each
member that it names: replace what you hold of that member, and drop the members in \`removed\`. After a connection broke, resume from the seq of the last \`group_activity\` that
you saw: what you get is what you missed, each entry once. More than 500 entries behind, you get a \`snapshot\` instead. The payments that would clear the group are not sent with each change; ask for the balances when you show them.

**Being told.** On \`/ws/\` a \`notification\` comes for each that is new to you. It has no seq, and one that you were away for is in \`GET /api/notifications/\`, not told
again. An API key hears them with the scope \`notifications:read\`.

**Closing.** Before the server closes it says why in an \`error\`, and the code is 4000 + the status of that error: 4401 not or no longer signed in, 4403 no longer a member, or a key without a scope,
4404 no such group, 4413 and 4415 a message that is too long or is not text, 4429 too much, 4503 try again shortly.

**Saying little.** A client sends \`ping\` if it likes, which is answered even while the server's end sleeps; at most 20 other messages in 10 seconds, of at most 4096 characters.`

export const SOCKET_INFO: SocketInfo = { title: 'Quits sockets', version: '1.0.0', description: DESCRIPTION }

const at = { group_id: EXAMPLE_IDS.group, seq: 17 }
const [JOHN] = EXAMPLE_IDS.users
const line = {
  user: { id: JOHN, name: 'John Doe' },
  member_id: EXAMPLE_IDS.member,
  balance: '125.00',
  currency: { code: 'USD', symbol: '$' },
}

const message = (from: SocketMessage['from'], name: string, summary: string, schema: z.ZodType, example: unknown): SocketMessage => ({
  name,
  from,
  summary,
  schema,
  example,
})

const token = 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl'
const auth = message('client', 'auth', 'Says who is there. The first message, unless the upgrade said it.', AuthIn, { type: 'auth', token })
const authAll = message('client', 'authAll', 'Says who is there, and from where to resume in which group.', AuthAllIn, {
  type: 'auth',
  token,
  cursors: { [EXAMPLE_IDS.group]: 17 },
})
const ready = message('server', 'ready', 'The first message: the group, and its last entry just now.', ReadyOut, {
  type: 'ready',
  data: at,
})
const readyAll = message(
  'server',
  'readyAll',
  'The first message: every group that the socket tells of, and its last entry just now.',
  ReadyAllOut,
  { type: 'ready', data: { groups: [at] } },
)

const notification = message(
  'server',
  'notification',
  'What the user is told, as in the list of notifications. It belongs to no entry, and is not told again after a reconnect.',
  NotificationMessageOut,
  { type: 'notification', data: EXAMPLE_NOTIFICATION },
)

const job = message(
  'server',
  'job_update',
  'How far a job of yours is: a report, an export, a replay. Not told again after a reconnect.',
  JobUpdateOut,
  {
    type: 'job_update',
    data: EXAMPLE_JOB,
  },
)

const shared: readonly SocketMessage[] = [
  message('client', 'ping', 'Asks whether the socket is alive.', PingIn, { type: 'ping' }),
  message('server', 'pong', 'Answers a ping.', PongOut, { type: 'pong' }),
  message('server', 'snapshot', 'All balances, in place of entries that were missed.', SnapshotOut, {
    type: 'snapshot',
    ...at,
    data: { seq: 17, balances: [{ ...line, owes: [] }], simplified_debts: [], is_simplified: true, optimal: true, certificate: [] },
  }),
  message('server', 'expense_update', 'What happened to an expense, and the expense as it is after that.', ExpenseUpdateOut, {
    type: 'expense_update',
    ...at,
    data: { expense_id: EXAMPLE_IDS.expense, action: 'created', expense: EXAMPLE_EXPENSE },
  }),
  message('server', 'receipt_update', 'What became of a receipt: receipt.processed when it has been read.', ReceiptUpdateOut, {
    type: 'receipt_update',
    ...at,
    data: { event: 'receipt.processed', receipt_id: EXAMPLE_RECEIPT.id, receipt: EXAMPLE_RECEIPT },
  }),
  message('server', 'payment_update', 'What became of a settlement, which is there as it is after the entry.', PaymentUpdateOut, {
    type: 'payment_update',
    ...at,
    data: {
      settlement_id: EXAMPLE_SETTLEMENT.id,
      status: 'completed',
      payer: 'John Doe',
      amount: '45.67',
      settlement: { ...EXAMPLE_SETTLEMENT, status: 'completed', paid_amount: '45.67', remaining_amount: '0.00' },
    },
  }),
  message('server', 'balance_update', 'The lines of the balances that an entry may have changed.', BalanceUpdateOut, {
    type: 'balance_update',
    ...at,
    data: { group_id: at.group_id, balances: [line], removed: [] },
  }),
  message('server', 'group_activity', 'Who did what: the last message of every entry.', GroupActivityOut, {
    type: 'group_activity',
    ...at,
    data: { group_id: at.group_id, activity: { type: 'member_joined', user: 'Jane Smith', timestamp: '2024-01-15T10:30:00.000Z' } },
  }),
  message('server', 'error', 'What is wrong. If the socket is closed upon it, its code is 4000 + the status of the error.', RefusalOut, {
    type: 'error',
    data: { code: 'INVALID_TOKEN', message: 'The token is invalid or has expired', details: [] },
  }),
]

export const SOCKET_CHANNELS: readonly SocketChannel[] = [
  {
    name: 'user',
    address: '/ws/',
    title: 'Everything that concerns the caller',
    description:
      'Tells of all groups of the caller, the personal one first; of a group that they come into from the entry that brought them in, and of one that they leave up to that entry. Of more than 250 groups it tells of the newest. Resuming takes `auth` as the first message, with cursors.',
    messages: [authAll, readyAll, notification, job, ...shared],
  },
  {
    name: 'group',
    address: '/ws/groups/{group_id}',
    title: 'One group',
    description: 'Tells of one group. Without from_seq it begins with a snapshot.',
    parameters: { group_id: { description: 'Id of the group', examples: [EXAMPLE_IDS.group] } },
    query: WatchQuery,
    messages: [auth, ready, ...shared],
  },
  {
    name: 'claims',
    address: '/ws/claims/{token}',
    title: 'The claims on one expense',
    description:
      'For guests who came by a link: needs no signing in. Tells the claims as they are, at once and after each change. Closed with 4404 when the link has ended, and with 4401 when it was revoked or has expired.',
    parameters: { token: { description: 'The token of the link', examples: [EXAMPLE_CLAIM_LINK.token] } },
    messages: [
      message('server', 'claims_update', 'Who has claimed what, and what is left.', ClaimsUpdateOut, {
        type: 'claims_update',
        data: EXAMPLE_CLAIMS,
      }),
      ...shared.filter(({ name }) => ['ping', 'pong', 'error'].includes(name)),
    ],
  },
]
