// Where the account is signed in, and who tried to. Only a session may see and end sessions, not an API key.
import { z } from 'zod'
import type { Login, Session } from '../domain/credentials.ts'
import { mapPage } from '../domain/page.ts'
import { id, instant, instantOut } from '../http/fields.ts'
import { list, nothing, operation, user, type Operation } from '../http/operation.ts'
import { pageFields, pageRequest } from '../http/pages.ts'
import { listLogins, listSessions, revokeOtherSessions, revokeSession } from '../services/sessions.ts'

const SessionOut = z
  .object({
    id: z.string(),
    user_agent: z.string(),
    ip: z.string(),
    created_at: instantOut,
    last_used_at: instantOut,
    expires_at: instantOut,
    is_current: z.boolean().meta({ description: 'Whether this request was made with it' }),
  })
  .meta({ id: 'Session' })

const sessionOut = (session: Session): z.input<typeof SessionOut> => ({
  id: session.id,
  user_agent: session.userAgent,
  ip: session.ip,
  created_at: instant(session.createdAt),
  last_used_at: instant(session.lastUsedAt),
  expires_at: instant(session.expiresAt),
  is_current: session.isCurrent,
})

const LoginOut = z
  .object({ id: z.string(), at: instantOut, ip: z.string(), user_agent: z.string(), outcome: z.enum(['success', 'failure']) })
  .meta({ id: 'Login' })

const loginOut = ({ id: loginId, at, ip, userAgent, outcome }: Login): z.input<typeof LoginOut> => ({
  id: loginId,
  at: instant(at),
  ip,
  user_agent: userAgent,
  outcome,
})

export const sessions: readonly Operation[] = [
  operation({
    id: 'listSessions',
    on: 'GET /api/auth/sessions/',
    summary: 'List sessions',
    description: 'Where the account is signed in, the last used first; the session of the request is marked.',
    tag: 'Authentication',
    access: user(),
    limit: 'auth',
    query: z.strictObject(pageFields),
    reply: list(SessionOut),
    fails: [],
    example: {
      reply: [
        {
          id: 'ses_01jd3k5m7n9pqrstvwxyz01235',
          user_agent: 'Mozilla/5.0',
          ip: '203.0.113.7',
          created_at: '2026-11-20T10:30:00.000Z',
          last_used_at: '2026-11-20T11:30:00.000Z',
          expires_at: '2026-11-27T11:30:00.000Z',
          is_current: true,
        },
      ],
    },
    run: async (ctx, { query }) => mapPage(await listSessions(ctx, pageRequest(query)), sessionOut),
  }),
  operation({
    id: 'revokeOtherSessions',
    on: 'DELETE /api/auth/sessions/',
    summary: 'End all other sessions',
    description: 'Signs the account out everywhere but here.',
    tag: 'Authentication',
    access: user(),
    limit: 'auth',
    reply: nothing,
    fails: [],
    example: {},
    run: (ctx) => revokeOtherSessions(ctx),
  }),
  operation({
    id: 'revokeSession',
    on: 'DELETE /api/auth/sessions/{session_id}/',
    summary: 'End a session',
    description: 'Signs one device or browser out; also the one that asks.',
    tag: 'Authentication',
    access: user(),
    limit: 'auth',
    path: z.object({ session_id: id('session') }),
    reply: nothing,
    fails: ['session.not_found'],
    example: {},
    run: (ctx, { path }) => revokeSession(ctx, path.session_id),
  }),
  operation({
    id: 'listLogins',
    on: 'GET /api/auth/login-history/',
    summary: 'List sign-ins',
    description: 'The newest 500 tries to sign in to the account, successful or not, the newest first.',
    tag: 'Authentication',
    access: user(),
    limit: 'auth',
    query: z.strictObject(pageFields),
    reply: list(LoginOut),
    fails: [],
    example: {
      reply: [
        {
          id: 'lgn_01jd3k5m7n9pqrstvwxyz01236',
          at: '2026-11-20T10:30:00.000Z',
          ip: '203.0.113.7',
          user_agent: 'Mozilla/5.0',
          outcome: 'success',
        },
      ],
    },
    run: async (ctx, { query }) => mapPage(await listLogins(ctx, pageRequest(query)), loginOut),
  }),
]
