// `/dev/mail`: what would have been sent, to read in a browser or by a test. Mounted under `local` only.
import { Hono } from 'hono'
import { escapeHtml } from '../domain/letter.ts'
import { sendPlain, type HttpEnv } from '../http/exchange.ts'
import { getDevMail, listDevMail } from '../services/dev-mail.ts'

type KeptMail = Awaited<ReturnType<typeof listDevMail>>[number]

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
const STYLE =
  'body{font:15px/1.5 system-ui,sans-serif;max-width:48rem;margin:24px auto;padding:0 16px}article{border-top:1px solid #ddd;padding:12px 0}pre{white-space:pre-wrap;word-break:break-all}'

const article = ({ id, to, subject, date, text }: KeptMail): string =>
  `<article><strong>${escapeHtml(subject)}</strong><br>to ${escapeHtml(to)}, ${escapeHtml(date)} · <a href="/dev/mail/${id}.html">HTML</a> · <a href="/dev/mail/${id}.eml">${id}.eml</a><pre>${escapeHtml(text)}</pre></article>`

const pageOf = (mails: readonly KeptMail[]): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Mail</title><style>${STYLE}</style></head><body><h1>Mail that was not sent</h1>${mails.map(article).join('') || '<p>None yet.</p>'}</body></html>`

export const devMail = new Hono<HttpEnv>()

devMail.get('/dev/mail', async (c) => {
  const mails = await listDevMail(c.env, c.req.query('to')?.toLowerCase())
  if (c.req.header('accept')?.includes('json') === true) return sendPlain(c, Response.json(mails))
  return sendPlain(
    c,
    new Response(pageOf(mails), { headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': POLICY } }),
  )
})

const EML = { 'Content-Type': 'message/rfc822; charset=utf-8', 'Content-Disposition': 'attachment' }
const HTML = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': POLICY }

// One path for both forms: with two of them Hono falls back to its slower router, for every request.
devMail.get('/dev/mail/:file{.+\\.(?:eml|html)}', async (c) => {
  const file = c.req.param('file')
  const [id, form] = file.endsWith('.eml') ? [file.slice(0, -4), 'eml' as const] : [file.slice(0, -5), 'html' as const]
  const message = await getDevMail(c.env, id, form)
  return sendPlain(c, new Response(message, { headers: form === 'eml' ? EML : HTML }))
})
