// The fingerprint of a request: the same key with another fingerprint is another request, and refused.
import { createHash } from 'node:crypto'

/** JSON with its keys in order, so that the same content has the same text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) =>
    typeof v === 'object' && v !== null && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  )
}

/** SHA-256 in hex over method, path, query and content; a file counts by its bytes, JSON by its canonical text. */
export function fingerprintOf(method: string, url: URL, content: unknown): string {
  const hash = createHash('sha256').update(`${method} ${url.pathname.replace(/\/$/, '')}${url.search}\n`)
  if (content instanceof Uint8Array) hash.update(content)
  else if (content !== undefined) hash.update(canonical(content))
  return hash.digest('hex')
}
