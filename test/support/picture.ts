// The smallest files that an upload takes.
const ascii = (text: string): number[] => Array.from(text, (char) => char.charCodeAt(0))
const be32 = (n: number): number[] => [n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255]
const chunk = (name: string, content: readonly number[]): number[] => [...be32(content.length), ...ascii(name), ...content, 0, 0, 0, 0]

/** A PNG of this width. */
export const png = (width = 3): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([
    ...ascii('\x89PNG\r\n\x1a\n'),
    ...chunk('IHDR', [...be32(width), ...be32(2), 8, 6, 0, 0, 0]),
    ...chunk('IDAT', [1, 2, 3]),
    ...chunk('IEND', []),
  ])

/** A form with a file of this text. */
export function fileForm(name: string, text: string | Uint8Array<ArrayBuffer>): FormData {
  const form = new FormData()
  form.set('file', new File([text], name))
  return form
}

/** A form with a picture as this field. */
export function formWith(field: string, bytes = png(), name = 'picture.png'): FormData {
  const form = new FormData()
  form.set(field, new File([bytes], name, { type: 'image/png' }))
  return form
}
