// Reads the entropy-coded data of a JPEG scan (ITU-T T.81, annexes C and F): bits, Huffman symbols, signed numbers.
// Behind the end of the data it gives zeros, and says so: whoever reads asks `isOver` now and then.

/** The data cannot be what an encoder wrote; decoding may go on at the next restart marker. */
export class ScanDamage extends Error {}

export interface HuffmanTable {
  /** For each nine bits that begin with a code of at most nine: its length and its symbol, `length << 8 | symbol`. */
  readonly short: Uint16Array
  /** For each length, the last code of that length, or -1. */
  readonly last: Int32Array
  /** For each length, what to add to a code to get the place of its symbol. */
  readonly shift: Int32Array
  readonly symbols: Uint8Array
}

const SHORT_BITS = 9
const LONGEST_CODE = 16

/** The table for `counts[i]` codes of i + 1 bits; undefined where there are more codes than fit. */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable | undefined {
  const short = new Uint16Array(1 << SHORT_BITS)
  const last = new Int32Array(LONGEST_CODE + 1).fill(-1)
  const shift = new Int32Array(LONGEST_CODE + 1)
  let [code, place] = [0, 0]
  for (let length = 1; length <= LONGEST_CODE; length++) {
    const count = counts[length - 1] ?? 0
    if (code + count > 1 << length) return undefined
    shift[length] = place - code
    for (let i = 0; i < count; i++, code++, place++) {
      if (length > SHORT_BITS) continue
      const start = code << (SHORT_BITS - length)
      short.fill((length << 8) | (symbols[place] ?? 0), start, start + (1 << (SHORT_BITS - length)))
    }
    if (count > 0) last[length] = code - 1
    code <<= 1
  }
  return { short, last, shift, symbols }
}

export class BitReader {
  readonly #bytes: Uint8Array
  #at: number
  /** The bits that were taken from the bytes, the next one highest among the last `#count`. */
  #bits = 0
  #count = 0
  /** Zeros that were put behind the end of the data. */
  #padding = 0
  #isAtEnd = false

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  /** Whether bits were read that are not in the data. */
  get isOver(): boolean {
    return this.#padding > this.#count
  }

  /** Up to 16 bits as a number. */
  bits(length: number): number {
    if (this.#count < length) this.#fill()
    this.#count -= length
    return (this.#bits >>> this.#count) & ((1 << length) - 1)
  }

  /** A number of so many bits, of which those that begin with 0 are negative (T.81, table F.1). */
  signed(length: number): number {
    const value = this.bits(length)
    return value < 1 << (length - 1) ? value - (1 << length) + 1 : value
  }

  symbol(table: HuffmanTable): number {
    if (this.#count < LONGEST_CODE) this.#fill()
    const found = table.short[(this.#bits >>> (this.#count - SHORT_BITS)) & ((1 << SHORT_BITS) - 1)] ?? 0
    if (found === 0) return this.#longSymbol(table)
    this.#count -= found >> 8
    return found & 255
  }

  #longSymbol(table: HuffmanTable): number {
    for (let length = SHORT_BITS + 1; length <= LONGEST_CODE; length++) {
      const code = (this.#bits >>> (this.#count - length)) & ((1 << length) - 1)
      if (code > (table.last[length] ?? -1)) continue
      this.#count -= length
      return table.symbols[code + (table.shift[length] ?? 0)] ?? 0
    }
    throw new ScanDamage('a code that the table does not have')
  }

  /** Goes behind restart marker `number` (0 to 7) if that is what comes next; one that is overdue is passed over. */
  restart(number: number): 'found' | 'later' | 'none' {
    this.#bits = this.#count = this.#padding = 0
    for (;;) {
      this.#at = endOfData(this.#bytes, this.#at)
      const ahead = ((this.#bytes[this.#at + 1] ?? 0) - 0xd0 - number) & 7
      if (!isRestart(this.#bytes[this.#at + 1])) return 'none'
      this.#isAtEnd = false
      if (ahead > 0 && ahead < 6) return 'later'
      this.#at += 2
      if (ahead === 0) return 'found'
    }
  }

  /** Writes where the reader is to three places of `to`, so that `goBack` can go there. */
  keepPlace(to: Int32Array, at: number): void {
    to[at] = this.#at
    to[at + 1] = this.#bits
    to[at + 2] = this.#count
  }

  /** Goes to a place that was kept; it must have been before the end of the data. */
  goBack(from: Int32Array, at: number): void {
    this.#at = from[at] ?? 0
    this.#bits = from[at + 1] ?? 0
    this.#count = from[at + 2] ?? 0
    this.#padding = 0
    this.#isAtEnd = false
  }

  /** Leaves at least 25 bits to take. */
  #fill(): void {
    while (this.#count <= 24) {
      let byte = 0
      if (!this.#isAtEnd) {
        byte = this.#bytes[this.#at] ?? 0
        if (byte === 0xff && this.#bytes[this.#at + 1] === 0) this.#at += 2
        else if (byte === 0xff || this.#at >= this.#bytes.length) this.#isAtEnd = true
        else this.#at++
      }
      if (this.#isAtEnd) {
        byte = 0
        this.#padding += 8
      }
      this.#bits = (this.#bits << 8) | byte
      this.#count += 8
    }
  }
}

const isRestart = (marker: number | undefined): boolean => marker !== undefined && marker >= 0xd0 && marker <= 0xd7

/** Where the data that goes on at `start` comes to a marker, or the end of the file. */
export function endOfData(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(0xff, start); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]
    if (next !== 0 && next !== 0xff) return next === undefined ? bytes.length : at
  }
  return bytes.length
}
