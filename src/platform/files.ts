// Files in R2, under keys that we make. Type and name stand with the object, so that serving one needs nothing else.
import { createHash } from 'node:crypto'
import type { Timestamp } from '../domain/time.ts'
import type { Env } from '../env.ts'

export type FileArea = 'avatars' | 'receipts' | 'thumbnails' | 'reports' | 'exports' | 'imports'

interface StoredFile {
  readonly type: string
  /** As its owner called it: data, never part of a path. */
  readonly name: string
  readonly size: number
  readonly body: ReadableStream
}

export const newFileKey = (area: 'avatars' | 'receipts' | 'imports'): string => `${area}/${crypto.randomUUID()}`

export async function putFile(env: Env, key: string, file: { bytes: Uint8Array; type: string; name: string }): Promise<void> {
  // Metadata of objects travels in headers, which hold ASCII only.
  await env.FILES.put(key, file.bytes, {
    httpMetadata: { contentType: file.type },
    customMetadata: { name: encodeURIComponent(file.name.toWellFormed()) },
  })
}

/** As large as R2 wants the parts of an object at least, but for the last. */
const PART_BYTES = 8 * 1024 * 1024

/** Stores what comes, however much it is, a part at a time; answers how much that was and its SHA-256 in hex. */
export async function putStream(
  env: Env,
  key: string,
  stream: ReadableStream<Uint8Array>,
  file: { type: string; name: string },
): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256')
  const upload = await env.FILES.createMultipartUpload(key, {
    httpMetadata: { contentType: file.type },
    customMetadata: { name: encodeURIComponent(file.name.toWellFormed()) },
  })
  const parts: R2UploadedPart[] = []
  let [size, held]: [number, Uint8Array[]] = [0, []]
  const flush = async (): Promise<void> => {
    const bytes = Buffer.concat(held)
    held = []
    parts.push(await upload.uploadPart(parts.length + 1, bytes))
  }
  try {
    let waiting = 0
    for await (const chunk of stream) {
      hash.update(chunk)
      // Parts have to be equally long, so a chunk may be cut between two.
      for (let rest = chunk; rest.length > 0;) {
        const taken = rest.subarray(0, PART_BYTES - waiting)
        held.push(taken)
        waiting += taken.length
        rest = rest.subarray(taken.length)
        if (waiting === PART_BYTES) {
          await flush()
          waiting = 0
        }
      }
      size += chunk.length
    }
    if (waiting > 0 || parts.length === 0) await flush()
    await upload.complete(parts)
    return { size, sha256: hash.digest('hex') }
  } catch (error) {
    await upload.abort()
    throw error
  }
}

export async function findFile(env: Env, key: string): Promise<StoredFile | undefined> {
  const object = await env.FILES.get(key)
  if (object === null) return undefined
  const { httpMetadata, customMetadata, size, body } = object
  return {
    type: httpMetadata?.contentType ?? 'application/octet-stream',
    name: decodeURIComponent(customMetadata?.['name'] ?? 'file'),
    size,
    body,
  }
}

/** Deletes the object; one that is not there counts as deleted. */
export const deleteFile = (env: Env, key: string): Promise<void> => env.FILES.delete(key)

/** The next objects of an area with the time of their storing; `next` goes on where this ends. */
export async function listFiles(
  env: Env,
  area: FileArea,
  after: string | undefined,
): Promise<{ files: { key: string; storedAt: Timestamp }[]; next: string | undefined }> {
  const page = await env.FILES.list({ prefix: `${area}/`, limit: 500, ...(after !== undefined && { cursor: after }) })
  return {
    files: page.objects.map((object) => ({ key: object.key, storedAt: object.uploaded.getTime() })),
    next: page.truncated ? page.cursor : undefined,
  }
}
