// The WebAssembly of others: libwebp's decoder. Its module is handed in, because a Worker may only import it compiled
// while node compiles it itself.
import webpDecoderFactory from '@jsquash/webp/codec/dec/webp_dec.js'

export interface Codecs {
  /** `@jsquash/webp/codec/dec/webp_dec.wasm` */
  readonly webpDecoder: WebAssembly.Module
}

export interface Rgba {
  readonly width: number
  readonly height: number
  readonly data: Uint8ClampedArray
}

let codecs: Codecs | undefined

/** To be called once, before the first picture. */
export function useCodecs(given: Codecs): void {
  codecs = given
}

/** The class that libwebp's wrapper makes its answer with; Workers have none. */
class PlainImageData implements Rgba {
  readonly data: Uint8ClampedArray
  readonly width: number
  readonly height: number
  constructor(data: Uint8ClampedArray, width: number, height: number) {
    this.data = data
    this.width = width
    this.height = height
  }
}

interface Decoder {
  readonly decode: (bytes: Uint8Array) => Rgba | null
  readonly memoryBytes: () => number
}

/** What libwebp begins with; lossy pictures of up to three megapixels need no more. */
const FIRST_BYTES = 16 * 1024 * 1024

// Memory that an instance once took is never given back while it lives, and what it leaves behind is collected late: so
// a small one is kept for the next picture, and a grown one is let go.
let kept: Decoder | undefined

async function openDecoder(): Promise<Decoder> {
  if (codecs === undefined) throw new Error('useCodecs was expected to be called before the first picture')
  if (!('ImageData' in globalThis)) Object.assign(globalThis, { ImageData: PlainImageData })
  const { webpDecoder } = codecs
  let memory: WebAssembly.Memory | undefined
  const loaded = await webpDecoderFactory({
    noInitialRun: true,
    // The loader is written for browsers and would look for a file.
    locateFile: (name: string) => name,
    instantiateWasm: (imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void): WebAssembly.Exports => {
      const instance = new WebAssembly.Instance(webpDecoder, imports)
      memory = Object.values(instance.exports).find((one): one is WebAssembly.Memory => one instanceof WebAssembly.Memory)
      done(instance)
      return instance.exports
    },
  })
  return { decode: (bytes) => loaded.decode(bytes), memoryBytes: () => memory?.buffer.byteLength ?? Infinity }
}

/** The pixels of a WebP; undefined where the file is damaged. */
export async function decodeRgba(bytes: Uint8Array): Promise<Rgba | undefined> {
  const decoder = kept ?? (await openDecoder())
  kept = undefined
  try {
    const pixels = decoder.decode(bytes) ?? undefined
    if (decoder.memoryBytes() <= FIRST_BYTES) kept = decoder
    return pixels
  } catch {
    // A trap inside the library: its instance is not used again.
    return undefined
  }
}
