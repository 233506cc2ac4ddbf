// Starts the built reader, as it would be deployed.
import type { LocalEngine, Recognised } from '../src/reader/recognise.ts'
import type { SmallPicture } from '../src/reader/thumbnail.ts'
import { startWorkers } from './built-workers.ts'

/** Another Worker's methods can't be called from node, so this one stands between: the file is the body, the method the path. */
const DOOR = `export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url)
    const bytes = new Uint8Array(await request.arrayBuffer())
    const answer = await env.READER[pathname.slice(1)](bytes, Object.fromEntries(searchParams))
    return Response.json(answer.bytes ? { ...answer, bytes: [...answer.bytes] } : answer)
  },
}`

export interface RunningReader {
  recognise(bytes: Uint8Array, options: { engine: LocalEngine }): Promise<Recognised>
  thumbnail(bytes: Uint8Array): Promise<SmallPicture>
  stop(): Promise<void>
}

export async function startReader(): Promise<RunningReader> {
  const door = { name: 'door', modules: true, script: DOOR, serviceBindings: { READER: 'quits-reader' } }
  const { url, stop } = await startWorkers([{ name: 'quits-reader', config: 'src/reader/wrangler.toml' }], [door])
  const ask = async (method: string, bytes: Uint8Array, options: Record<string, string> = {}): Promise<unknown> => {
    const reply = await fetch(new URL(`/${method}?${new URLSearchParams(options).toString()}`, url), {
      method: 'POST',
      body: bytes.slice(),
    })
    if (!reply.ok) throw new Error(`the reader answered ${reply.status}: ${await reply.text()}`)
    return reply.json()
  }
  return {
    recognise: (bytes, options) => ask('recognise', bytes, options) as Promise<Recognised>,
    thumbnail: (bytes) => ask('thumbnail', bytes) as Promise<SmallPicture>,
    stop,
  }
}
