// `/dev/payments/{id}`: the page that a bank would show, for sandbox payments that require an action. Under `local` only.
import { Hono } from 'hono'
import { formatMinor } from '../domain/money.ts'
import type { Payment } from '../domain/payment.ts'
import { sendPlain, type HttpEnv } from '../http/exchange.ts'
import { anonymousContext, type Gate } from '../http/mount.ts'
import { actOnDevPayment, getDevPayment } from '../services/dev-payments.ts'

const POLICY = "default-src 'none'; form-action 'self'; frame-ancestors 'none'"
const ACTIONS = `<form method="post"><button name="do" value="approve">Approve</button> <button name="do" value="decline">Decline</button></form>`

function pageOf({ id, minor, currency, status }: Payment): Response {
  const action = status === 'requires_action' ? ACTIONS : ''
  const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Payment</title></head><body><h1>${formatMinor(minor, currency)} ${currency}</h1><p>${id} is ${status}.</p>${action}</body></html>`
  return new Response(page, { headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': POLICY } })
}

export function devPayments(gate: Gate): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>()
  app.get('/dev/payments/:id', async (c) => sendPlain(c, pageOf(await getDevPayment(anonymousContext(c, gate), c.req.param('id')))))
  app.post('/dev/payments/:id', async (c) => {
    const form = await c.req.formData()
    const ctx = anonymousContext(c, gate)
    const payment = await actOnDevPayment(ctx, c.req.param('id'), form.get('do') === 'approve')
    gate.hint(ctx)
    return sendPlain(c, pageOf(payment))
  })
  return app
}
