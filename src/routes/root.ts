// The service itself: where to begin, and whether it is well.
import { z } from 'zod'
import { API_VERSION } from '../http/headers.ts'
import { anyone, data, operation, type Operation } from '../http/operation.ts'
import { getHealth } from '../services/health.ts'

const RootOut = z
  .object({
    name: z.literal('Quits'),
    version: z.string(),
    links: z.object({
      documentation: z.url(),
      openapi: z.url(),
      health: z.url(),
      register: z.url(),
      login: z.url(),
      groups: z.url(),
      expenses: z.url(),
    }),
  })
  .meta({ id: 'Root', description: 'Where to begin' })

const HealthOut = z
  .object({ status: z.literal('healthy'), checks: z.object({ database: z.literal('ok') }) })
  .meta({ id: 'Health', description: 'Whether the service can do its work' })

/** The links of the root, below this origin. */
const linksAt = (origin: string): z.input<typeof RootOut>['links'] => ({
  documentation: `${origin}/docs`,
  openapi: `${origin}/openapi.json`,
  health: `${origin}/api/health/`,
  register: `${origin}/api/auth/register/`,
  login: `${origin}/api/auth/login/`,
  groups: `${origin}/api/groups/`,
  expenses: `${origin}/api/expenses/`,
})

export const root: readonly Operation[] = [
  operation({
    id: 'getRoot',
    on: 'GET /api/',
    summary: 'Where to begin',
    description: 'The name and version of the API, and links to its documentation and first resources.',
    tag: 'Service',
    access: anyone,
    limit: 'read',
    reply: data(200, RootOut),
    fails: [],
    example: { reply: { name: 'Quits', version: API_VERSION, links: linksAt('https://quits.example') } },
    run: async (ctx) => ({ name: 'Quits' as const, version: API_VERSION, links: linksAt(ctx.origin) }),
  }),
  operation({
    id: 'getHealth',
    on: 'GET /api/health/',
    summary: 'Whether the service is well',
    description: 'For monitoring: 200 while the database answers, otherwise 503.',
    tag: 'Service',
    access: anyone,
    limit: 'none',
    reply: data(200, HealthOut),
    fails: [],
    example: { reply: { status: 'healthy', checks: { database: 'ok' } } },
    run: async (ctx) => ({ status: 'healthy' as const, checks: await getHealth(ctx) }),
  }),
]
