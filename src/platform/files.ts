// Files in R2, under keys that we make. Type and name stand with the object, so that serving one needs nothing else.
import type { Timestamp } from '../domain/time.ts'
import type { Env } from '../env.ts'

export type FileArea = 'avatars' | 'receipts' | 'thumbnails'

interface StoredFile {
  readonly type: string
  /** As its owner called it: data, never part of a path. */
  readonly name: string
  readonly size: number
  readonly body: ReadableStream
}

export const newFileKey = (area: 'avatars' | 'receipts'): string => `${area}/${crypto.randomUUID()}`

export async function putFile(env: Env, key: string, file: { bytes: Uint8Array; type: string; name: string }): Promise<void> {
  // Metadata of objects travels in headers, which hold ASCII only.
  await env.FILES.put(key, file.bytes, {
    httpMetadata: { contentType: file.type },
    customMetadata: { name: encodeURIComponent(file.name.toWellFormed()) },
  })
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
