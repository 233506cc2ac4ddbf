// What somebody else's server answers is read only as far as it is allowed to go.

/** The body as text; throws `Error` beyond so many bytes, and what the decoder does. */
export async function boundedText({ body }: Response, maxBytes: number, decoder = new TextDecoder()): Promise<string> {
  let [text, size] = ['', 0]
  for await (const chunk of body ?? []) {
    size += chunk.byteLength
    if (size > maxBytes) throw new Error('too long')
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
