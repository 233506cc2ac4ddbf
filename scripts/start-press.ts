// Starts the built press, as it would be deployed.
import type { Attachment, Chart, Document } from '../src/domain/document.ts'
import { startWorkers } from './built-workers.ts'

/** Another Worker's methods can't be called from node, so this one stands between: arguments are JSON, bytes in it base64. */
const DOOR = `const revive = (_, value) => (typeof value?.base64 === 'string' ? Uint8Array.fromBase64(value.base64) : value)
export default {
  async fetch(request, env) {
    const args = JSON.parse(await request.text(), revive)
    return new Response(await env.PRESS[new URL(request.url).pathname.slice(1)](...args))
  },
}`

export interface RunningPress {
  pdf(document: Document, appendix?: readonly Attachment[]): Promise<Uint8Array>
  chart(chart: Chart, type: 'svg' | 'png', size: { width: number; height: number }): Promise<Uint8Array>
  stop(): Promise<void>
}

export async function startPress(): Promise<RunningPress> {
  const door = { name: 'door', modules: true, script: DOOR, serviceBindings: { PRESS: 'quits-press' } }
  const { url, stop } = await startWorkers([{ name: 'quits-press', config: 'src/press/wrangler.toml' }], [door])
  const ask = async (method: string, ...args: unknown[]): Promise<Uint8Array> => {
    const reply = await fetch(new URL(`/${method}`, url), { method: 'POST', body: JSON.stringify(args) })
    if (!reply.ok) throw new Error(`the press answered ${reply.status}: ${await reply.text()}`)
    return new Uint8Array(await reply.arrayBuffer())
  }
  return {
    pdf: (document, appendix = []) => {
      const files = appendix.map((file) => ({ ...file, bytes: { base64: Buffer.from(file.bytes).toString('base64') } }))
      return ask('pdf', document, files)
    },
    chart: (chart, type, size) => ask('chart', chart, type, size),
    stop,
  }
}
