// The text of a file that says of itself at most by its first bytes how it is written.

/**
 * UTF-8 and UTF-16 by their marks, UTF-8 without one, and where the bytes are none of these what Windows wrote in the West
 * (windows-1252), in which every byte is a character. Never throws.
 */
export function textOf(bytes: Uint8Array): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}
