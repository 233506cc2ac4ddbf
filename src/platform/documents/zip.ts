// ZIP files made as they are read: no more of an entry is in memory than the piece that is being packed. The same
// entries give the same bytes.
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate'
import { streamOf } from './streams.ts'

export interface ZipEntry {
  /** A path inside the file; names that are taken get a number. */
  readonly name: string
  readonly data: Uint8Array | AsyncIterable<Uint8Array>
  /** Milliseconds since 1970. ZIP knows whole pairs of seconds from 1980 to 2107, of no time zone: this is UTC. */
  readonly mtime: number
}

/** Packing these again costs time and saves nothing. */
const PACKED = /\.(?:jpe?g|png|webp|gif|pdf|zip|xlsx|gz)$/i
const [EARLIEST, LATEST] = [Date.UTC(1980, 0, 1), Date.UTC(2107, 11, 31)]
/** Between time and size; the levels above save some percent and take twice as long. */
const LEVEL = 3
const NOTHING = new Uint8Array()

/** A date whose local parts are the UTC parts of the time, because local parts are what gets written. */
function wallClock(mtime: number): Date {
  const at = new Date(Math.min(LATEST, Math.max(EARLIEST, mtime)))
  return new Date(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds())
}

/** A path that stays inside the folder in which the file is unpacked. */
const safePath = (name: string): string =>
  name
    .replaceAll('\\', '/')
    .replaceAll(/[\p{Cc}<>:"|?*]/gu, '_')
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .join('/') || 'file'

/** The first of `a.pdf`, `a (2).pdf`, … that is not taken; capitals make no difference where files are unpacked. */
function freeName(name: string, taken: Set<string>): string {
  const [, stem = name, ending = ''] = /^(.+?)(\.[^./]+)?$/.exec(name) ?? []
  for (let n = 1; ; n++) {
    const wanted = n === 1 ? name : `${stem} (${n})${ending}`
    if (taken.has(wanted.toLowerCase())) continue
    taken.add(wanted.toLowerCase())
    return wanted
  }
}

const piecesOf = async function* (data: ZipEntry['data']): AsyncGenerator<Uint8Array> {
  if (data instanceof Uint8Array) yield data
  else yield* data
}

async function* packed(entries: AsyncIterable<ZipEntry> | Iterable<ZipEntry>): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = []
  const taken = new Set<string>()
  const zip = new Zip((error, chunk) => {
    if (error !== null) throw error
    if (chunk.length > 0) ready.push(chunk)
  })
  for await (const { name, data, mtime } of entries) {
    const path = freeName(safePath(name), taken)
    const file = PACKED.test(path) ? new ZipPassThrough(path) : new ZipDeflate(path, { level: LEVEL })
    file.mtime = wallClock(mtime)
    zip.add(file)
    for await (const piece of piecesOf(data)) {
      file.push(piece)
      yield* ready.splice(0)
    }
    file.push(NOTHING, true)
    yield* ready.splice(0)
  }
  zip.end()
  yield* ready.splice(0)
}

/** A ZIP file of the entries, which are asked for one after the other. */
export const zipOf = (entries: AsyncIterable<ZipEntry> | Iterable<ZipEntry>): ReadableStream<Uint8Array> => streamOf(packed(entries))
