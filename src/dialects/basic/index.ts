// The Basic Expense Tracker: one person's expenses, with categories and a time of day. Its document knows no
// groups; what is recorded here goes into the person's own, and what they see is all that they may see.
import { z } from 'zod'
import type { Dialect } from '../dialect.ts'
import { account } from './account.ts'
import { records } from './records.ts'

const ErrorOut = z.object({ error: z.string() }).meta({ id: 'Error' })

export const basic: Dialect = {
  name: 'basic',
  title: 'Basic Expense Tracker',
  prefix: '/basic',
  description:
    'A personal expense tracker. Accounts, expenses and categories are those of Quits: what is recorded here is seen there, and the other way round. Ids are bare UUIDs; a token is good for 24 hours; every error is `{"error": "…"}`.',
  tags: {
    Account: 'Registering, signing in, and the account of the caller.',
    Expenses: 'What was spent.',
    Categories: 'What expenses are for.',
  },
  failure: {
    // The document has four errors; what its clients must handle apart from them keeps its own status.
    statuses: { 406: 400, 413: 400, 415: 400, 422: 400, 423: 401 },
    messages: {
      400: 'Invalid request body',
      401: 'Invalid or expired token',
      403: 'You are not allowed to do this',
      404: 'Not found',
      405: 'Method not allowed',
    },
    codes: {
      'auth.forbidden': [401, 'Invalid or expired token'],
      'user.deactivated': [403, 'Account is deactivated. Reactivate it to continue.'],
      'expense.deleted': [404, 'Expense not found'],
      'request.key_reused': [400, 'The idempotency key was used with another request'],
    },
    schema: ErrorOut,
    spell: (message) => ({ error: message }),
  },
  rows: [...account, ...records],
}
