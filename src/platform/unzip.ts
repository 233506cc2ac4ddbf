// ZIP files that came from outside: what is in them is told by their directory, and unpacked one entry at a time.
import { unzipSync } from 'fflate'

export interface Pack {
  /** Bytes of each entry, unpacked, by its path, as the directory says. */
  readonly sizes: ReadonlyMap<string, number>
  /** The entry, unpacked; undefined where there is none, it is larger than `most`, or it is broken. */
  readonly read: (path: string, most: number) => Uint8Array<ArrayBuffer> | undefined
}

export const isZip = ([a, b, c, d]: Uint8Array): boolean => a === 0x50 && b === 0x4b && ((c === 3 && d === 4) || (c === 5 && d === 6))

/** Opens the file; undefined where it is no ZIP. Nothing is unpacked beyond the size that the directory says. */
export function openZip(bytes: Uint8Array): Pack | undefined {
  const sizes = new Map<string, number>()
  try {
    unzipSync(bytes, { filter: ({ name, originalSize }) => (sizes.set(name, originalSize), false) })
  } catch {
    return undefined
  }
  return {
    sizes,
    read: (path, most) => {
      if ((sizes.get(path) ?? Infinity) > most) return undefined
      try {
        const entry = unzipSync(bytes, { filter: ({ name }) => name === path })[path]
        return entry === undefined ? undefined : Uint8Array.from(entry)
      } catch {
        return undefined
      }
    },
  }
}
