// Files that people send: taken only as what their bytes are, kept without metadata, and given out through
// links that are signed and expire. The object is stored first, then its row; without the row it is an orphan.
import { signedIn, type Ctx } from '../context.ts'
import type { Statement } from '../db/client.ts'
import { insertFile, setAvatar } from '../db/files.ts'
import { newEffect, promiseEffect } from '../db/outbox.ts'
import { AppError } from '../domain/errors.ts'
import { thumbnailKey } from '../domain/expense.ts'
import { attachmentOf, fileNameOf } from '../domain/file-name.ts'
import type { Id } from '../domain/ids.ts'
import { cleanImage, sniff, type FileType, type ImageType } from '../domain/images/images.ts'
import { HOUR, SECOND, type Timestamp } from '../domain/time.ts'
import type { Env } from '../env.ts'
import { deleteFile, findFile, newFileKey, putFile } from '../platform/files.ts'
import { derive, digest, isSameSecret } from '../platform/keys.ts'
import { makeThumbnail, turnUpright } from '../platform/pictures.ts'
import { commit } from './repeatable.ts'

export const AVATAR_TYPES: readonly ImageType[] = ['image/jpeg', 'image/png', 'image/webp']
export const AVATAR_MAX_BYTES = 5 * 1024 * 1024

interface NewFile {
  readonly purpose: 'avatar' | 'receipt'
  /** As its owner calls it. */
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly groupId?: Id<'group'>
  /** Whether a small picture of it is kept with it. */
  readonly hasThumbnail?: boolean
  readonly types: readonly FileType[]
  readonly maxBytes: number
}

export interface KeptFile {
  readonly key: string
  readonly type: FileType
  readonly size: number
  readonly sha256: string
  readonly name: string
  readonly hasThumbnail: boolean
  /** The file's row; it belongs into the batch of whatever names the key. */
  readonly row: Statement
}

const signatureOf = (env: Env, key: string, expiresS: number): string =>
  derive(env.SECRET, 'file-link', `${key}\n${expiresS}`).toString('base64url')

interface Viewpoint {
  readonly env: Env
  readonly now: Timestamp
  readonly origin: string
}

/** As long as this stays the same, so do the links. */
export const linkEpoch = ({ now, origin }: Omit<Viewpoint, 'env'>): string => `${Math.floor(now / HOUR)} ${origin}`

/** A link to the file that is good until `expiresAt`; without one for one to two hours, and the same for an hour, so that browsers can keep what it leads to. */
export function fileLink(at: Viewpoint, key: string, expiresAt?: Timestamp): string {
  // An avatar may be a picture elsewhere, which its owner named.
  if (key.startsWith('https://')) return key
  const expiresS = expiresAt === undefined ? ((Math.floor(at.now / HOUR) + 2) * HOUR) / SECOND : Math.floor(expiresAt / SECOND)
  return `${at.origin}/api/files/${key}?expires=${expiresS}&signature=${signatureOf(at.env, key, expiresS)}`
}

/** The file behind a link, for saving, never for running; throws `file.not_found` on a link that is wrong or too old. */
export async function readFile(ctx: Ctx, key: string, expiresS: number, signature: string): Promise<Response> {
  const isGood = isSameSecret(signature, signatureOf(ctx.env, key, expiresS)) && ctx.now < expiresS * SECOND
  const file = isGood ? await findFile(ctx.env, key) : undefined
  if (file === undefined) throw new AppError('file.not_found')
  return new Response(file.body, {
    headers: {
      'Content-Type': file.type,
      'Content-Length': String(file.size),
      'Content-Disposition': attachmentOf(file.name),
      'Content-Security-Policy': "default-src 'none'; sandbox",
      // Whoever has the link may show it on a page of their own.
      'Cross-Origin-Resource-Policy': 'cross-origin',
      'Cache-Control': 'private, max-age=3600, immutable',
      'X-Content-Type-Options': 'nosniff',
    },
  })
}

const refused = (file: NewFile, message: string, got: string): AppError =>
  new AppError('file.unsupported', [{ field: file.purpose, message, code: 'UNSUPPORTED_FILE', expected: file.types.join(', '), got }])

/** What is kept of the bytes; throws `file.unsupported` unless they are one of the types, through and through. */
function accept(file: NewFile): { type: FileType; bytes: Uint8Array; isTurned?: true } {
  const { purpose, bytes, maxBytes, types } = file
  if (bytes.length > maxBytes) {
    throw new AppError('request.too_large', [
      {
        field: purpose,
        message: `At most ${maxBytes} bytes are taken`,
        code: 'TOO_LARGE',
        expected: `at most ${maxBytes} bytes`,
        got: `${bytes.length} bytes`,
      },
    ])
  }
  const type = sniff(bytes)
  if (type === undefined || !types.includes(type))
    throw refused(file, 'Its bytes are not those of a file that is taken here', type ?? 'something else')
  if (type === 'application/pdf') return { type, bytes }
  const cleaned = cleanImage(bytes, type)
  if (!cleaned.ok) throw refused(file, cleaned.error, type)
  const { bytes: clean, isTurned } = cleaned.value
  return { type, bytes: clean, ...(isTurned && { isTurned }) }
}

async function storeThumbnail(env: Env, key: string, bytes: Uint8Array, name: string): Promise<boolean> {
  const made = await makeThumbnail(env, bytes)
  if (made === undefined) return false
  await putFile(env, thumbnailKey(key), { bytes: made.bytes, type: made.type, name })
  return true
}

/** Stores what is left of the file after its metadata; throws `request.too_large` and `file.unsupported`. */
export async function storeFile(ctx: Ctx, file: NewFile): Promise<KeptFile> {
  const { userId } = signedIn(ctx)
  const { purpose, groupId = null } = file
  const { type, bytes: accepted, isTurned } = accept(file)
  const bytes = isTurned === true ? ((await turnUpright(ctx.env, accepted)) ?? accepted) : accepted
  const key = newFileKey(purpose === 'avatar' ? 'avatars' : 'receipts')
  const name = fileNameOf(file.name, type)
  const [size, sha256] = [bytes.length, digest(bytes)]
  await putFile(ctx.env, key, { bytes, type, name })
  const hasThumbnail = file.hasThumbnail === true && type !== 'application/pdf' && (await storeThumbnail(ctx.env, key, bytes, name))
  return {
    key,
    type,
    size,
    sha256,
    name,
    hasThumbnail,
    row: insertFile(ctx.db, { key, userId, groupId, purpose, name, type, size, sha256, createdAt: ctx.now }),
  }
}

/** Takes an object back whose row was not written, or is gone, and the small picture of it. */
export const discardFile = async ({ env }: Pick<Ctx, 'env'>, key: string): Promise<void> => {
  await Promise.all([...new Set([key, thumbnailKey(key)])].map((one) => deleteFile(env, one)))
}

/** Gives the caller another avatar and returns a link to it. Their groups hear of it through the outbox. */
export async function uploadAvatar(ctx: Ctx, file: { bytes: Uint8Array<ArrayBuffer>; name: string }): Promise<string> {
  const { userId } = signedIn(ctx)
  let stored: string | undefined
  // A batch whose outcome is not known may have written it: what then has no row is removed by the nightly sweep.
  const written = await commit(ctx, async () => {
    const kept = await storeFile(ctx, { purpose: 'avatar', ...file, types: AVATAR_TYPES, maxBytes: AVATAR_MAX_BYTES })
    stored = kept.key
    const announced = promiseEffect(ctx.db, newEffect({ kind: 'profile_changed', userId }, ctx.now))
    return { statements: [kept.row, setAvatar(ctx.db, userId, kept.key, ctx.now), announced], outcome: kept.key }
  })
  // Another request under the same idempotency key was faster.
  if (stored !== undefined && stored !== written) await discardFile(ctx, stored)
  ctx.notes.hasEffects = true
  return fileLink(ctx, written)
}
