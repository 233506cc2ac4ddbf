// `/dev/receipts/read`: what the engines make of a picture, without an account or anything being kept. Under `local` only.
import { Hono } from 'hono'
import { sendPlain, type HttpEnv } from '../http/exchange.ts'
import { anonymousContext, type Gate } from '../http/mount.ts'
import { readDevReceipt } from '../services/dev-receipts.ts'
import { ocrDataOut } from './receipt-shapes.ts'

export function devReceipts(gate: Gate): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>()
  app.post('/dev/receipts/read', async (c) => {
    const bytes = new Uint8Array(await c.req.arrayBuffer())
    const read = await readDevReceipt(anonymousContext(c, gate), bytes, c.req.query('engine'))
    if (!read.ok) return sendPlain(c, Response.json({ status: 'error', error: read.error }, { status: 422 }))
    const { reading, engine, engines, ms, heapBytes } = read.value
    const data = { reading: ocrDataOut(reading), engine, engines, ms, heap_bytes: heapBytes ?? null }
    return sendPlain(c, Response.json({ status: 'success', data }))
  })
  return app
}
