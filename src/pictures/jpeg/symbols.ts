// Blocks of coefficients as symbols (ITU-T T.81, annex F), counted or written, and the code tables that suit them best
// (annex K.2).

/** A table as a JPEG carries it, and the code of each symbol. */
export interface CodeTable {
  /** How many codes there are of 1 to 16 bits. */
  readonly counts: Uint8Array
  readonly symbols: Uint8Array
  readonly codes: Uint16Array
  readonly lengths: Uint8Array
}

const LONGEST_CODE = 16
const SYMBOLS = 256

/** How many bits the code of each symbol has (T.81, figure K.1). One more symbol keeps the code of all ones free. */
function codeLengths(frequencies: Uint32Array): Int32Array {
  const weights = Float64Array.from({ length: SYMBOLS + 1 }, (_, i) => frequencies[i] ?? 1)
  const lengths = new Int32Array(SYMBOLS + 1)
  const next = new Int32Array(SYMBOLS + 1).fill(-1)
  const lightest = (but: number): number => {
    let found = -1
    for (let i = 0; i <= SYMBOLS; i++)
      if ((weights[i] ?? 0) > 0 && i !== but && (found === -1 || (weights[i] ?? 0) <= (weights[found] ?? 0))) found = i
    return found
  }
  for (;;) {
    const first = lightest(-1)
    const second = lightest(first)
    if (second === -1) return lengths
    weights[first] = (weights[first] ?? 0) + (weights[second] ?? 0)
    weights[second] = 0
    let last = first
    for (let i = first; i !== -1; i = next[i] ?? -1) {
      lengths[i] = (lengths[i] ?? 0) + 1
      last = i
    }
    next[last] = second
    for (let i = second; i !== -1; i = next[i] ?? -1) lengths[i] = (lengths[i] ?? 0) + 1
  }
}

/** The table that takes the fewest bits for symbols of these frequencies; an empty one for none. */
export function bestTable(frequencies: Uint32Array): CodeTable {
  const wanted = codeLengths(frequencies)
  const counts = new Int32Array(SYMBOLS + 2)
  for (const length of wanted) if (length > 0) counts[length] = (counts[length] ?? 0) + 1
  const change = (length: number, by: number): void => {
    counts[length] = (counts[length] ?? 0) + by
  }
  // Codes of more than 16 bits move up in pairs (T.81, figure K.3).
  for (let length = SYMBOLS; length > LONGEST_CODE; length--) {
    while ((counts[length] ?? 0) > 0) {
      let shorter = length - 2
      while (counts[shorter] === 0) shorter--
      change(length, -2)
      change(length - 1, 1)
      change(shorter + 1, 2)
      change(shorter, -1)
    }
  }
  let longest = LONGEST_CODE
  while (longest > 0 && counts[longest] === 0) longest--
  change(longest, -1)
  const symbols = Uint8Array.from(
    Array.from({ length: SYMBOLS }, (_, symbol) => symbol)
      .filter((symbol) => (wanted[symbol] ?? 0) > 0)
      .sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0) || a - b),
  )
  const codes = new Uint16Array(SYMBOLS)
  const lengths = new Uint8Array(SYMBOLS)
  for (let length = 1, code = 0, place = 0; length <= LONGEST_CODE; length++, code <<= 1) {
    for (let i = 0; i < (counts[length] ?? 0); i++) {
      const symbol = symbols[place++] ?? 0
      codes[symbol] = code++
      lengths[symbol] = length
    }
  }
  return { counts: Uint8Array.from(counts.subarray(1, LONGEST_CODE + 1)), symbols, codes, lengths }
}

/** Takes symbols, each with a number of so many bits behind it: to count them, or to write them. */
export interface SymbolSink {
  put(table: number, symbol: number, value: number, bits: number): void
}

/** For DC below 2, for AC from 2 on; even for the first colour, odd for the others. */
const TABLES = 4

export class SymbolCounter implements SymbolSink {
  readonly frequencies = Array.from({ length: TABLES }, () => new Uint32Array(SYMBOLS))

  put(table: number, symbol: number): void {
    const counts = this.frequencies[table]
    if (counts !== undefined) counts[symbol] = (counts[symbol] ?? 0) + 1
  }
}

export class SymbolWriter implements SymbolSink {
  readonly #tables: readonly CodeTable[]
  #bytes: Uint8Array<ArrayBuffer>
  #length = 0
  #bits = 0
  #count = 0

  constructor(tables: readonly CodeTable[], expectedBytes: number) {
    this.#tables = tables
    this.#bytes = new Uint8Array(expectedBytes + 64)
  }

  put(table: number, symbol: number, value: number, bits: number): void {
    const { codes, lengths } = this.#tables[table] ?? { codes: [], lengths: [] }
    this.#write(codes[symbol] ?? 0, lengths[symbol] ?? 0)
    if (bits > 0) this.#write(value, bits)
  }

  /** All that was written, filled up with ones as the standard wants it. */
  finish(): Uint8Array {
    if (this.#count > 0) this.#write(0x7f, 7)
    return this.#bytes.subarray(0, this.#length)
  }

  #write(value: number, bits: number): void {
    this.#bits = (this.#bits << bits) | value
    this.#count += bits
    if (this.#length + 8 > this.#bytes.length) this.#grow()
    while (this.#count >= 8) {
      this.#count -= 8
      const byte = (this.#bits >>> this.#count) & 255
      this.#bytes[this.#length++] = byte
      if (byte === 255) this.#bytes[this.#length++] = 0
    }
  }

  #grow(): void {
    const larger = new Uint8Array(Math.ceil(this.#bytes.length * 1.25) + 64)
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}

/** Hands over one number as a symbol and its bits: those of the number, or of the number less one where it is negative. */
function putNumber(sink: SymbolSink, table: number, zeros: number, value: number): void {
  const bits = 32 - Math.clz32(Math.abs(value))
  sink.put(table, (zeros << 4) | bits, value < 0 ? value + (1 << bits) - 1 : value, bits)
}

/** Hands over a block: 64 coefficients in zigzag order, the first of them as the step from the one before. */
export function putBlock(sink: SymbolSink, colour: number, block: Int16Array, previousDc: number): void {
  putNumber(sink, Math.min(colour, 1), 0, (block[0] ?? 0) - previousDc)
  const table = 2 + Math.min(colour, 1)
  let zeros = 0
  for (let k = 1; k < 64; k++) {
    const value = block[k] ?? 0
    if (value === 0) {
      zeros++
      continue
    }
    for (; zeros > 15; zeros -= 16) sink.put(table, 0xf0, 0, 0)
    putNumber(sink, table, zeros, value)
    zeros = 0
  }
  if (zeros > 0) sink.put(table, 0, 0, 0)
}
