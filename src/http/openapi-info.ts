// What the OpenAPI document says before its first operation: what holds for all of them.
import type { ApiInfo } from './openapi.ts'
import type { Env } from '../env.ts'

const DESCRIPTION = `Quits records what groups of people spend, by whom and for whom, and says at any moment who owes what.

**Replies** are \`{status, data, message?, meta}\`; lists add \`meta.pagination\` and \`links\`. Refusals are
\`{status: "error", error: {code, message, details}, meta}\`, or RFC 9457 with \`Accept: application/problem+json\`.

**Amounts** are decimal text such as \`"62.50"\`; dates of expenses are days without a zone; instants are UTC.

**Repeating is safe.** Send \`Idempotency-Key\` with a change and repeat it as often as needed: it happens once. Send \`If-Match\` with the
ETag that you know and nobody's change is overwritten. Add \`?dry_run=true\` to a change of a group to see its outcome first.

**Limits** are per user, or per address without credentials: \`auth\` 10 a minute (5 without credentials), \`read\` 1000 an hour (100),
\`write\` 500 an hour (50), \`analytics\` 100 an hour. Premium accounts have more. Every reply tells what is left; beyond it the answer is 429 with \`Retry-After\`.

**Live.** \`/ws/\` tells of every change in all your groups and \`/ws/groups/{group_id}\` of those in one, from where you left off; see [/asyncapi.json](/asyncapi.json).

**Paths** are answered with and without the slash at their end.`

/** In the order of the docs. */
const TAGS: Readonly<Record<string, string>> = {
  Authentication: 'Registering, signing in and out, and proving an email address.',
  Users: 'The account of the caller: profile, settings, avatar.',
  Sessions: 'Where the caller is signed in.',
  'API keys': 'Keys for programs that act for the caller.',
  Groups: 'Groups, their settings, balances and history.',
  Members: 'Who is in a group, with which role.',
  Invitations: 'Asking people into a group by email.',
  Expenses: 'What was spent or earned, by whom and for whom.',
  Receipts: 'Pictures of what was paid: kept, read, matched to expenses or made into them, and reconciled.',
  Claims: 'The lines of an itemised expense, taken by those who had them, with or without an account.',
  Comments: 'What members say about an expense.',
  Categories: 'What expenses are for.',
  Balances: 'Who owes what, and the payments that would settle it.',
  Settlements: 'Payments between members, from the request to the money, and plans that make a group even.',
  Analytics: 'Where the money goes: figures over any days, from sums that are kept with the ledger.',
  Imports: 'History from elsewhere: looked at before it is taken in, and taken back as a whole.',
  Notifications: 'What the caller was told, and how they want to be told.',
  Payments: 'Paying a settlement through a provider, and the cards and accounts that people pay and are paid with.',
  Reference: 'What the service looks up: exchange rates.',
  Webhooks: 'Events of your groups, sent to an address of yours: signed, in order, at least once.',
  Files: 'Stored files, through links that expire.',
  Jobs: 'Work that goes on behind the requests: how far it is, and what was given up.',
  Service: 'The service itself.',
}

export const apiInfo = (env: Env): ApiInfo => ({
  title: 'Quits API',
  version: '1.0.0',
  summary: 'An expense ledger at the edge.',
  description: DESCRIPTION,
  contact: { name: 'Quits', url: 'https://quits.example/support' },
  license: { name: 'MIT', identifier: 'MIT' },
  servers: [
    {
      url: env.PUBLIC_URL === '' ? '/' : env.PUBLIC_URL,
      description: env.ENVIRONMENT === 'local' ? 'Local' : 'Production',
      'x-internal': env.ENVIRONMENT === 'local',
    },
  ],
  tags: TAGS,
})
