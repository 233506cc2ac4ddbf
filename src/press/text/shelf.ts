// The loaded fonts. A document says what it is going to write, and the files that takes are fetched before anything is
// laid out, because laying out asks for widths thousands of times and can't wait.
import { BASE, filesFor, type Weight } from './faces.ts'
import { Face } from './face.ts'

/** Reads one font file; rejects where it is not there. */
export type ReadFont = (file: string) => Promise<Uint8Array>

const isAscii = (text: string): boolean => /^[\t\n\r\x20-\x7e]*$/.test(text)

/** Every string in the value, however deep. */
function* stringsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (value instanceof Uint8Array) return
  else if (Array.isArray(value)) for (const one of value) yield* stringsIn(one)
  else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) yield* stringsIn(one)
}

export class Shelf {
  readonly #read: ReadFont
  readonly #faces = new Map<string, Face>()

  constructor(read: ReadFont) {
    this.#read = read
  }

  /** Loads what is needed to write every string in the value. */
  async loadFor(value: unknown, isChinese: boolean): Promise<void> {
    const base = await this.#load(BASE.regular)
    await this.#load(BASE.bold)
    const characters = new Set<string>()
    for (const text of stringsIn(value)) if (!isAscii(text)) for (const character of text) characters.add(character)
    for (const character of characters) {
      const codePoint = character.codePointAt(0) ?? 0
      if (base.has(codePoint)) continue
      for (const file of filesFor(character, isChinese)) if ((await this.#load(file)).has(codePoint)) break
    }
  }

  /** The base face of this weight; `loadFor` was called before. */
  base(weight: Weight): Face {
    const face = this.find(BASE[weight])
    if (face === undefined) throw new Error('fonts are loaded before text is measured')
    return face
  }

  find(file: string): Face | undefined {
    return this.#faces.get(file)
  }

  /** Keeps the face and not the promise of it: a request that is cancelled never settles its promises. */
  async #load(file: string): Promise<Face> {
    const known = this.#faces.get(file)
    if (known !== undefined) return known
    const face = new Face(file, await this.#read(file))
    this.#faces.set(file, face)
    return face
  }
}
