// The reader: a Worker of its own, because decoding pictures and reading them takes most of an isolate's memory.
// It is reached through a service binding only.
import { WorkerEntrypoint } from 'cloudflare:workers'
import webpDecoder from '@jsquash/webp/codec/dec/webp_dec.wasm'
import { modelsFrom } from './models.ts'
import { useCodecs } from '../pictures/codecs.ts'
import { recognise, type LocalEngine, type Recognised } from './recognise.ts'
import { thumbnail, type SmallPicture } from './thumbnail.ts'
import { upright, type Turned } from './upright.ts'

interface Bindings {
  readonly MODELS: Fetcher
}

useCodecs({ webpDecoder })

export default class Reader extends WorkerEntrypoint<Bindings> {
  /** The text on a picture of a receipt: JPEG, PNG or WebP. Bad input is an answer; only a broken engine throws. */
  recognise(bytes: Uint8Array, { engine }: { engine: LocalEngine }): Promise<Recognised> {
    return recognise(bytes, engine, modelsFrom(this.env.MODELS))
  }

  /** A JPEG of the same picture, for lists. */
  thumbnail(bytes: Uint8Array): Promise<SmallPicture> {
    return thumbnail(bytes)
  }

  /** The same JPEG, upright. */
  upright(bytes: Uint8Array): Promise<Turned> {
    return upright(bytes)
  }
}
