// Readings that are kept, each with a print of what it was made of. Whoever reads again asks their source in any
// case, and is told that nothing has changed or what there is now; so what is kept is never given unasked.

/** What was read, the print that it has, and about how much there is of it. */
export interface Reading<Value, Print> {
  readonly value: Value
  readonly print: Print
  /** In characters, as JSON. */
  readonly size: number
}

/** Asks the database, or the object of the group; told the print of what is kept, it may answer that it still is so. */
type Ask<Value, Print> = (print?: Print) => Promise<Reading<Value, Print> | 'unchanged' | undefined>

/** A bounded number of readings of one kind, of which those go first that were not asked for the longest. */
export class KeptReadings<Value, Print> {
  /** The oldest first: a Map keeps the order in which keys were set. */
  readonly #readings = new Map<string, Reading<Value, Print>>()
  readonly #mostChars: number
  #chars = 0

  constructor(mostChars: number) {
    this.#mostChars = mostChars
  }

  /** The value as it is now: the very same object as long as nothing has changed, so that more can be kept with it. */
  async read(key: string, ask: Ask<Value, Print>): Promise<Value | undefined> {
    // Held here, because while the source is asked others may put something newer in its place.
    const kept = this.#readings.get(key)
    const found = await ask(kept?.print)
    if (found === 'unchanged' && kept === undefined) throw new Error('nothing is unchanged that was not read before')
    const reading = found === 'unchanged' ? kept : found
    if (this.#readings.get(key) === kept) this.#put(key, reading)
    return reading?.value
  }

  #put(key: string, reading: Reading<Value, Print> | undefined): void {
    this.#drop(key)
    if (reading === undefined) return
    this.#readings.set(key, reading)
    this.#chars += key.length + reading.size
    for (const oldest of this.#readings.keys()) {
      if (this.#chars <= this.#mostChars) return
      this.#drop(oldest)
    }
  }

  #drop(key: string): void {
    const dropped = this.#readings.get(key)
    if (dropped === undefined) return
    this.#readings.delete(key)
    this.#chars -= key.length + dropped.size
  }
}
