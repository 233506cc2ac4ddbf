import { z } from 'zod'
import { EUR } from '../domain/currency.ts'
import { pageOfAll } from '../domain/page.ts'
import { currency, day, dayOut } from '../http/fields.ts'
import { list, operation, user } from '../http/operation.ts'
import { pageFields, pageRequest } from '../http/pages.ts'
import { listRates } from '../services/rates.ts'

const RateOut = z
  .object({
    currency: z.string().meta({ description: 'ISO 4217 code', example: 'USD' }),
    rate: z.string().meta({ description: 'Units of currency for one unit of base', example: '1.1206' }),
    date: dayOut.meta({ description: 'The day it was published: the one asked for, or one of the seven before' }),
  })
  .meta({ id: 'Rate' })

export const rates = [
  operation({
    id: 'listRates',
    on: 'GET /api/rates/',
    summary: 'List exchange rates',
    description:
      'The reference rates of the European Central Bank that expenses of a day are converted at where they bring no exchange_rate: the last ones published on the day or in the seven days before. A currency without one is not in the list.',
    tag: 'Reference',
    access: user('expenses:read'),
    limit: 'read',
    query: z.strictObject({
      date: day.optional().meta({ description: 'Day of the expense; today in UTC when absent', example: '2026-10-09' }),
      base: currency.optional().meta({ description: 'What one unit is of; the euro when absent', example: 'EUR' }),
      ...pageFields,
    }),
    reply: list(RateOut),
    fails: [],
    example: { reply: [{ currency: 'USD', rate: '1.1206', date: '2026-10-09' }] },
    run: async (ctx, { query }) => pageOfAll(await listRates(ctx, query.base ?? EUR, query.date), pageRequest(query)),
  }),
]
