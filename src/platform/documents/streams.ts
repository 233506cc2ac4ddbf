// Files are made as they are read: nothing is made before somebody asks for it, and a reader that leaves ends the making.

import { createHash } from 'node:crypto'

/** The chunks, and once they have been read what they came to: bytes, and SHA-256 in hex. */
export function measured(chunks: AsyncIterable<Uint8Array>): {
  readonly chunks: AsyncGenerator<Uint8Array>
  readonly measure: () => { size: number; sha256: string }
} {
  const hash = createHash('sha256')
  let size = 0
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      hash.update(chunk)
      size += chunk.length
      yield chunk
    }
  }
  return { chunks: counted(), measure: () => ({ size, sha256: hash.digest('hex') }) }
}

/** The chunks as a stream. */
export function streamOf(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await source.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await source.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}

/** About so many characters go over in one piece: small pieces cost more to pass on than to make. */
const PIECE = 64 * 1024

/** The texts as UTF-8, in pieces of some size. */
export async function* utf8(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  let piece = ''
  for await (const text of texts) {
    piece += text
    if (piece.length < PIECE) continue
    yield encoder.encode(piece)
    piece = ''
  }
  if (piece !== '') yield encoder.encode(piece)
}
