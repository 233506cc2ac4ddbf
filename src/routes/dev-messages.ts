// `/dev/messages`: the push and text messages that would have been sent, to read in a browser or by a test.
// Mounted under `local` only.
import { Hono } from 'hono'
import { html } from 'hono/html'
import { sendPlain, type HttpEnv } from '../http/exchange.ts'
import { listDevMessages } from '../services/dev-messages.ts'

type Kept = Awaited<ReturnType<typeof listDevMessages>>[number]

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
const STYLE =
  'body{font:15px/1.5 system-ui,sans-serif;max-width:48rem;margin:24px auto;padding:0 16px}article{border-top:1px solid #ddd;padding:12px 0}pre{white-space:pre-wrap}'

const article = ({ channel, userId, title, date, text }: Kept) =>
  html`<article>
    <strong>${title}</strong><br />${channel} to ${userId}, ${date}
    <pre>${text}</pre>
  </article>`

const pageOf = (kept: readonly Kept[]) =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>Messages</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <h1>Messages that were not sent</h1>
        ${kept.length === 0 ? html`<p>None yet.</p>` : kept.map(article)}
      </body>
    </html>`

export const devMessages = new Hono<HttpEnv>()

devMessages.get('/dev/messages', async (c) => {
  const kept = await listDevMessages(c.env, c.req.query('user'))
  if (c.req.header('accept')?.includes('json') === true) return sendPlain(c, Response.json(kept))
  const page = String(await pageOf(kept))
  return sendPlain(c, new Response(page, { headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': POLICY } }))
})
