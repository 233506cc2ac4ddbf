// Text that people wrote, where it goes into something that is read line by line or by machines: one line, and no longer
// than it may be.

const encoder = new TextEncoder()

/** How many bytes the text has in UTF-8. */
export const byteLength = (text: string): number => encoder.encode(text).length

/** One line of whole characters: line ends, controls and signs that turn the writing direction become spaces, runs of them one. */
export const oneLine = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\uFFFD\uFEFF]/gu, ' ')
    .normalize('NFC')
    .replace(/\s+/g, ' ')
    .trim()

/** Its first characters, at most so many, and at most so many bytes. */
export function cut(text: string, characters: number, bytes = Infinity): string {
  let kept = ''
  let left = bytes
  for (const char of [...text].slice(0, characters)) {
    left -= byteLength(char)
    if (left < 0) break
    kept += char
  }
  return kept
}

/** At most so many characters. The last word stays whole where it can: ids come last, and are what a payment is found by. */
export function shorten(text: string, characters: number): string {
  if ([...text].length <= characters) return text
  const last = text.slice(text.lastIndexOf(' ') + 1)
  const room = characters - [...last].length - 1
  return room > 0 ? `${cut(text, room).trimEnd()} ${last}` : cut(text, characters)
}
