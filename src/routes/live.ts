// The sockets: `/ws/` for everything that concerns the caller, `/ws/groups/{group_id}` for one group, `/ws/claims/{token}`
// for guests who claim the lines of one expense.
import { Hono } from 'hono'
import { AppError } from '../domain/errors.ts'
import { isId } from '../domain/ids.ts'
import { asyncApiOf } from '../http/asyncapi.ts'
import { readQuery } from '../http/body.ts'
import { serveDocument } from '../http/docs.ts'
import { parseWith } from '../http/errors.ts'
import type { HttpEnv } from '../http/exchange.ts'
import type { Gate } from '../http/mount.ts'
import { answerOpenUpgrade, answerUpgrade, type Door } from '../http/sockets.ts'
import { identifyToken } from '../services/identify.ts'
import { openClaimSocket, openSocket } from '../services/live.ts'
import { SOCKET_CHANNELS, SOCKET_INFO } from './live-docs.ts'
import { AuthAllIn, AuthIn, NoQuery, WatchQuery } from './live-forms.ts'

/** An app that opens the sockets, and serves the document that describes them. */
export function live(gate: Door & Pick<Gate, 'connect'>): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>()
  serveDocument(app, '/asyncapi.json', (env, url) =>
    asyncApiOf(SOCKET_CHANNELS, SOCKET_INFO, env.PUBLIC_URL === '' ? url : new URL(env.PUBLIC_URL)),
  )

  app.all('/ws', (c) => {
    parseWith(NoQuery, readQuery(new URL(c.req.url)))
    return answerUpgrade(c, gate, {
      auth: AuthAllIn,
      identifyToken,
      open: (at, actor, shown, auth) => openSocket(at, actor, shown, { kind: 'hub', cursors: auth?.cursors ?? {} }),
    })
  })

  app.all('/ws/groups/:group_id', (c) => {
    const groupId = c.req.param('group_id')
    const { from_seq: from } = parseWith(WatchQuery, readQuery(new URL(c.req.url)))
    return answerUpgrade(c, gate, {
      auth: AuthIn,
      identifyToken,
      open: async (at, actor, shown) => {
        if (!isId('group', groupId)) throw new AppError('group.not_found')
        return openSocket(at, actor, shown, { kind: 'group', groupId, ...(from !== undefined && { from }) })
      },
    })
  })
  app.all('/ws/claims/:token', (c) =>
    answerOpenUpgrade(c, gate, ({ env, now, url }) => {
      const origin = env.PUBLIC_URL === '' ? url.origin : env.PUBLIC_URL
      return openClaimSocket({ env, db: gate.connect(env), now, origin }, c.req.param('token'))
    }),
  )
  return app
}
