// Stands in for the Worker that reads receipts (src/reader) behind its binding: the real one would be half a minute of
// models and WebAssembly in each run. What it sees is told by the width of a PNG; the real engines have a test of their own.
import { WorkerEntrypoint } from 'cloudflare:workers'

const widthOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(16)

const snippet = (text, x, line) => ({ text, confidence: 0.97, x, y: 40 + line * 30, width: text.length * 12, height: 20 })

/** A receipt whose total is so many hundredths more than 10. */
function receiptOf(width) {
  const amount = (minor) => (minor / 100).toFixed(2)
  const rows = [
    ['Cafe Central GmbH'],
    ['Hauptstrasse 12, 10115 Berlin'],
    ['14.01.2024 19:30'],
    ['Pizza Margherita', amount(700)],
    ['Tiramisu', amount(300 + width)],
    ['Total EUR', amount(1000 + width)],
    ['Cash', amount(1000 + width)],
  ]
  return rows.flatMap(([name, price], line) => [snippet(name, 20, line), ...(price === undefined ? [] : [snippet(price, 400, line)])])
}

// Widths that stand for something else than a receipt; test/api/receipts.test.ts names them too.
const CORRUPT = 4
const DOWN = 5
const BLANK = 6

export default class extends WorkerEntrypoint {
  recognise(bytes, { engine }) {
    const width = widthOf(bytes)
    if (width === DOWN) throw new Error('the reader is out of order')
    if (width === CORRUPT) return { ok: false, error: 'corrupt', message: 'The picture is broken' }
    if (width === BLANK) return { ok: false, error: 'no_text', message: 'There is nothing written on it' }
    return { ok: true, page: { engine, width: 600, height: 400, snippets: receiptOf(width) }, ms: 1, heapBytes: 1 }
  }

  upright() {
    return { ok: false, message: 'It is upright' }
  }

  thumbnail(bytes) {
    if (widthOf(bytes) === CORRUPT) return { ok: false, error: 'corrupt', message: 'The picture is broken' }
    return { ok: true, bytes: Uint8Array.of(0xff, 0xd8, 0xff, 0xd9), type: 'image/jpeg', width: 3, height: 2 }
  }
}
