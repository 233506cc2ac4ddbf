// The name under which a file is saved by whoever downloads it: its owner's, made harmless.
import type { FileType } from './images/images.ts'

const EXTENSIONS: Readonly<Record<FileType, readonly [string, ...string[]]>> = {
  'image/jpeg': ['jpg', 'jpeg', 'jfif'],
  'image/png': ['png'],
  'image/webp': ['webp'],
  'application/pdf': ['pdf'],
}

/** The last part of a path, in one line of at most 100 characters, with the extension of what the file is. */
export function fileNameOf(given: string, type: FileType): string {
  const [usual, ...others] = EXTENSIONS[type]
  return fileNameWith(given, usual, others)
}

/** The same for any file, with the extension that such files usually have or another that they may have. */
export function fileNameWith(given: string, usual: string, others: readonly string[] = []): string {
  const last = given.toWellFormed().split(/[/\\]/).at(-1) ?? ''
  // Control characters, and those that turn the direction of writing, which hide an extension.
  const plain = last
    .replaceAll(/[\p{Cc}\p{Cf}"*:<>?|]/gu, '')
    .replace(/^[.\s]+/, '')
    .trim()
  const name = Array.from(plain).slice(0, 90).join('') || 'file'
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
  return extension === usual || others.includes(extension) ? name : `${name}.${usual}`
}

/** Content-Disposition for a download (RFC 6266, RFC 8187): the name in ASCII for old clients, and as it is. */
export function attachmentOf(name: string): string {
  const ascii = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_')
  const exact = encodeURIComponent(name.toWellFormed()).replaceAll(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
  return `attachment; filename="${ascii}"; filename*=UTF-8''${exact}`
}
