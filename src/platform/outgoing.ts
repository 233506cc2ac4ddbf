// Requests to addresses that strangers name. Where they may lead is decided twice: by the look of the address when
// it is given, and by what its name resolves to before each request. A name that changes its mind between that look
// and the connection cannot be caught here, because `fetch` in Workers takes no address; what stands behind it is
// that a Worker's own network has nothing private in it.
import { promises as dns } from 'node:dns'
import ipaddr from 'ipaddr.js'
import { errorText } from '../domain/error-text.ts'

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])
/** Names that never lead to a public server (RFC 6761, 6762, 7686, 8375, 9476, and what networks use inside). */
const INTERNAL = /(^|\.)(localhost|local|localdomain|internal|intranet|private|lan|home|corp|test|invalid|onion|alt|arpa)$/
const MAX_URL = 2048

const isLoopback = (url: URL): boolean => LOOPBACK.has(url.hostname)

function faultOfHost(hostname: string): string | undefined {
  if (hostname.startsWith('[') || ipaddr.isValid(hostname)) return 'Must name a host, not an address'
  if (hostname.endsWith('.')) return 'Must name a host without a dot at its end'
  if (!hostname.includes('.') || INTERNAL.test(hostname)) return 'Must name a host on the public internet'
  if (!/^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/.test(hostname)) return 'Must name a host'
  return undefined
}

/** The address in its plain form, or what is wrong with it. On this machine alone `isLocal` lets loopback through. */
export function checkOutgoingUrl(text: string, isLocal: boolean): { readonly url: string } | { readonly fault: string } {
  // The parser drops some of these, so that what is looked at would not be what was sent.
  if (text.length > MAX_URL || !/^[^\s\\\p{Cc}]+$/u.test(text) || !URL.canParse(text)) return { fault: 'Must be a URL' }
  const url = new URL(text)
  if (url.username !== '' || url.password !== '' || /^[a-z]+:\/*[^/?#]*@/i.test(text)) return { fault: 'Must not name a user' }
  if (text.includes('#')) return { fault: 'Must not have a fragment' }
  if (isLocal && isLoopback(url) && /^https?:$/.test(url.protocol)) return { url: url.href }
  if (url.protocol !== 'https:') return { fault: 'Must begin with https://' }
  if (url.port !== '') return { fault: 'Must use port 443' }
  const fault = faultOfHost(url.hostname)
  return fault === undefined ? { url: url.href } : { fault }
}

/** Whether packets to the address go to the public internet, and to one receiver. */
export function isPublicAddress(text: string): boolean {
  // Not the short and octal spellings of IPv4 that the library reads as well.
  if (!ipaddr.IPv4.isValidFourPartDecimal(text) && !ipaddr.IPv6.isValid(text)) return false
  // Turns an IPv4 address in the clothes of IPv6 into what it is.
  const address = ipaddr.process(text)
  if (address.range() !== 'unicast') return false
  return address.kind() === 'ipv4' || address.match(ipaddr.parse('2000::'), 3)
}

/** Names without addresses of one family are common; every other failure means that nothing is known. */
async function resolved(lookUp: (name: string) => Promise<string[]>, name: string): Promise<string[]> {
  try {
    // The resolver of Workers lists the aliases on the way too.
    return (await lookUp(name)).filter((answer) => ipaddr.isValid(answer))
  } catch (error) {
    if (/NOTFOUND|NODATA/.test(`${(error as { code?: string }).code} ${String(error)}`)) return []
    throw new Error(`${name} could not be resolved`, { cause: error })
  }
}

/** Throws, in words for the owner of the address, unless all that the name stands for is public. */
async function requirePublic(name: string): Promise<void> {
  // One after the other, because each takes one of the few connections that a Worker may have open.
  const addresses = [...(await resolved(dns.resolve4, name)), ...(await resolved(dns.resolve6, name))]
  if (addresses.length === 0) throw new Error(`${name} has no address`)
  const inward = addresses.find((address) => !isPublicAddress(address))
  if (inward !== undefined) throw new Error(`${name} resolves to ${inward}, which is not a public address`)
}

/** What came of a request. */
export interface Posted {
  readonly durationMs: number
  /** Null when no reply came. */
  readonly status: number | null
  readonly error: string | null
  /** The beginning of the body. */
  readonly response: string
  readonly retryAfter: string | null
}

const MAX_RESPONSE_BYTES = 8192

/** The beginning of the body as text, and no more of it than that: what came before `overdue`, or before it broke off. */
async function beginningOf(reply: Response, overdue: Promise<never>): Promise<string> {
  const reader = reply.body?.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    while (reader !== undefined && size < MAX_RESPONSE_BYTES) {
      const { done, value } = await Promise.race([reader.read(), overdue])
      if (done) break
      chunks.push(value)
      size += value.length
    }
    await Promise.race([reader?.cancel(), overdue])
  } catch {
    // The status has been told; the rest of the body decides nothing.
  }
  // D1 ends a text at its first NUL.
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, MAX_RESPONSE_BYTES)).replaceAll('\0', '\uFFFD')
}

interface Post {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly isLocal: boolean
  readonly timeoutMs: number
}

async function send(request: Post, signal: AbortSignal): Promise<Response> {
  const checked = checkOutgoingUrl(request.url, request.isLocal)
  if ('fault' in checked) throw new Error(`The URL cannot be delivered to: ${checked.fault}`)
  const url = new URL(checked.url)
  if (!isLoopback(url)) await requirePublic(url.hostname)
  signal.throwIfAborted()
  return fetch(url, { method: 'POST', headers: { ...request.headers }, body: request.body, redirect: 'manual', signal })
}

const faultOfStatus = (status: number): string | null => {
  if (status >= 200 && status < 300) return null
  return status >= 300 && status < 400 ? `Answered ${status}; redirects are not followed` : `Answered ${status}`
}

/** Sends the body to the address and says what came of it; never throws. The time runs from looking up the name to the end of the reply. */
export async function post(request: Post): Promise<Posted> {
  const begun = Date.now()
  const signal = AbortSignal.timeout(request.timeoutMs)
  const overdue = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('overdue')))
  })
  try {
    const reply = await Promise.race([send(request, signal), overdue])
    const response = await beginningOf(reply, overdue)
    const { status, headers } = reply
    return { durationMs: Date.now() - begun, status, error: faultOfStatus(status), response, retryAfter: headers.get('retry-after') }
  } catch (error) {
    const words = signal.aborted ? `No reply within ${request.timeoutMs} ms` : errorText(error).replace(/^\w*Error: /, '')
    return { durationMs: Date.now() - begun, status: null, error: words, response: '', retryAfter: null }
  }
}
