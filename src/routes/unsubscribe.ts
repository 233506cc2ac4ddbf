// Where the links lead that end a kind of mail: a page that asks, and the request that does it, which mail programs
// send by themselves (RFC 8058).
import { z } from 'zod'
import { escapeHtml } from '../domain/letter.ts'
import { anyone, operation, raw, type Operation } from '../http/operation.ts'
import { showUnsubscribe, unsubscribe as endMail } from '../services/unsubscribe.ts'

const path = z.object({
  token: z
    .string()
    .max(300)
    .regex(/^[\w-]+\.[\w-]{43}$/)
    .meta({ description: 'From the link in the mail', example: 'dXNyXzAxamQzIGFsbA.2bUq4m0c3nJm1r8q7xX0u5tP9sK6vW2yZ4aB8dE1fGh' }),
})

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
const STYLE =
  ':root{color-scheme:light dark}body{font:17px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 16px}button{font:inherit;padding:12px 20px;border:0;border-radius:6px;background:#1d4ed8;color:#fff;cursor:pointer}'

const page = (title: string, ...content: readonly string[]): Response =>
  new Response(
    `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><main><h1>${escapeHtml(title)}</h1>
${content.join('\n')}
</main></body></html>
`,
    { headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': POLICY } },
  )

// The form posts to the page's own address.
const BUTTON = '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>Stop these mails</button></form>'
const AGAIN = '<p>Your notification preferences turn them on again.</p>'

export const unsubscribe: readonly Operation[] = [
  operation({
    id: 'showUnsubscribe',
    on: 'GET /api/notifications/unsubscribe/{token}/',
    summary: 'Ask whether to end a kind of mail',
    description:
      'Where the link at the end of a mail leads: a page with a button. It changes nothing by itself, because programs look at links.',
    tag: 'Notifications',
    access: anyone,
    limit: 'read',
    path,
    reply: raw('text/html'),
    fails: [],
    example: {},
    run: async (ctx, { path: { token } }) => {
      const { what } = await showUnsubscribe(ctx, token)
      return page('No more mail?', `<p>We will send you no more ${escapeHtml(what)} by mail.</p>`, BUTTON)
    },
  }),
  operation({
    id: 'unsubscribe',
    on: 'POST /api/notifications/unsubscribe/{token}/',
    summary: 'End a kind of mail',
    description:
      'What `List-Unsubscribe` of a mail names, for one click in a mail program (RFC 8058). The token is the permission. Doing it again changes nothing.',
    tag: 'Notifications',
    access: anyone,
    // Mail programs of many people ask from few addresses, and whoever is refused complains of spam.
    limit: 'none',
    path,
    form: z.object({ 'List-Unsubscribe': z.literal('One-Click').optional() }),
    reply: raw('text/html'),
    fails: [],
    example: {},
    run: async (ctx, { path: { token } }) => {
      const { what } = await endMail(ctx, token)
      return page('Done', `<p>We send you no more ${escapeHtml(what)} by mail.</p>`, AGAIN)
    },
  }),
]
