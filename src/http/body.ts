// Reading what came: bounded in bytes and depth before it is parsed, and only of the type that is taken.
import { AppError } from '../domain/errors.ts'
import type { Payload, SignedPayload, Upload, UploadedFile } from './operation.ts'

const MAX_JSON_BYTES = 256 * 1024
const MAX_DEPTH = 20
/** What a multipart form adds around its file. */
const FORM_OVERHEAD = 16 * 1024

const tooLarge = (max: number, got: string): AppError =>
  new AppError('request.too_large', [
    { field: 'body', message: `At most ${max} bytes are taken`, code: 'TOO_LARGE', expected: `at most ${max} bytes`, got },
  ])

/** The bytes of the body, counted as they arrive; throws `request.too_large` at the first one too many. */
async function readBytes(request: Request, max: number): Promise<Uint8Array<ArrayBuffer>> {
  const declared = Number(request.headers.get('content-length') ?? 0)
  if (declared > max) throw tooLarge(max, `${declared} bytes`)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > max) throw tooLarge(max, `more than ${max} bytes`)
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}

function requireType(request: Request, wanted: string): void {
  const got = request.headers.get('content-type')
  const essence = got?.split(';')[0]?.trim().toLowerCase()
  if (essence === wanted) return
  throw new AppError('request.media_type', [
    { field: 'Content-Type', message: `Send ${wanted}`, code: 'UNSUPPORTED_MEDIA_TYPE', expected: wanted, got: got ?? 'none' },
  ])
}

const isNest = (value: unknown): value is object => typeof value === 'object' && value !== null

/** How many objects and lists stand inside one another, counted no further than is needed to refuse. */
function depthOf(value: unknown): number {
  let depth = 0
  for (let level = [value].filter(isNest); level.length > 0 && depth <= MAX_DEPTH; depth++)
    level = level.flatMap((nest): unknown[] => Object.values(nest)).filter(isNest)
  return depth
}

const malformed = (message: string): AppError => new AppError('request.malformed', [{ field: 'body', message, code: 'MALFORMED' }])

/** The JSON of the body; throws on another type, too many bytes or levels, and on what is not JSON. */
export async function readJson(request: Request): Promise<unknown> {
  requireType(request, 'application/json')
  const bytes = await readBytes(request, MAX_JSON_BYTES)
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes))
  } catch {
    throw malformed('The body is not JSON in UTF-8')
  }
  if (depthOf(value) > MAX_DEPTH) throw malformed(`The body nests deeper than ${MAX_DEPTH} levels`)
  return value
}

/** The body as it came, character for character, with its signature; what it says is for the service to believe. */
export async function readPayload(request: Request, { type, signature }: Payload): Promise<SignedPayload> {
  requireType(request, type)
  const bytes = await readBytes(request, MAX_JSON_BYTES)
  try {
    const body = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return { body, signature: request.headers.get(signature) ?? '' }
  } catch {
    throw malformed('The body is not UTF-8')
  }
}

/** The one file of a multipart form; what kind of file it really is, is for the service to find out. */
export async function readUpload(request: Request, upload: Upload): Promise<UploadedFile> {
  requireType(request, 'multipart/form-data')
  const bytes = await readBytes(request, upload.maxBytes + FORM_OVERHEAD)
  let form: FormData
  try {
    form = await new Response(bytes, { headers: { 'content-type': request.headers.get('content-type') ?? '' } }).formData()
  } catch {
    throw malformed('The body is not a multipart form')
  }
  const unknown = [...form.keys()].find((name) => name !== upload.field)
  if (unknown !== undefined)
    throw new AppError('request.invalid', [{ field: unknown, message: 'There is no such field here', code: 'UNKNOWN_FIELD' }])
  const files = form.getAll(upload.field)
  const file = files[0]
  if (files.length !== 1 || !(file instanceof File)) {
    throw new AppError('request.invalid', [{ field: upload.field, message: `Send one file as ${upload.field}`, code: 'REQUIRED' }])
  }
  if (file.size > upload.maxBytes) throw tooLarge(upload.maxBytes, `${file.size} bytes`)
  return { bytes: new Uint8Array(await file.arrayBuffer()), name: file.name.slice(0, 200) }
}

/** The query as an object; throws `request.malformed` where a parameter stands twice. */
export function readQuery(url: URL): Record<string, string> {
  // Without a prototype, so that a parameter called __proto__ is one like any other.
  const query = Object.create(null) as Record<string, string>
  for (const [name, value] of url.searchParams) {
    if (Object.hasOwn(query, name))
      throw new AppError('request.malformed', [{ field: name, message: 'This parameter is given twice', code: 'DUPLICATE_PARAMETER' }])
    query[name] = value
  }
  return query
}
