// What has to look into a picture is done by the Worker that decodes them (src/reader). A file is worth keeping as it
// came, too, so where that Worker has nothing to give there is no failure.
import { errorText } from '../domain/error-text.ts'

export interface Thumbnail {
  readonly bytes: Uint8Array
  readonly type: 'image/jpeg'
  readonly width: number
  readonly height: number
}

type Refused = { readonly ok: false; readonly message: string }

/** What the Worker at the binding `READER` does. */
interface Pictures {
  readonly thumbnail: (bytes: Uint8Array) => Promise<({ readonly ok: true } & Thumbnail) | Refused>
  readonly upright: (bytes: Uint8Array) => Promise<{ readonly ok: true; readonly bytes: Uint8Array<ArrayBuffer> } | Refused>
}

interface PicturesEnv {
  readonly READER?: unknown
}

async function ask<T extends { readonly ok: boolean }>(
  { READER }: PicturesEnv,
  what: (pictures: Pictures) => Promise<T>,
): Promise<T | undefined> {
  if (READER === undefined) return undefined
  try {
    return await what(READER as Pictures)
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', message: 'a picture could not be looked into', error: errorText(error) }))
    return undefined
  }
}

/** At most 320 pixels on its longer side, upright, without metadata; undefined where there is none to be had. */
export async function makeThumbnail(env: PicturesEnv, bytes: Uint8Array): Promise<Thumbnail | undefined> {
  const made = await ask(env, (pictures) => pictures.thumbnail(bytes))
  return made?.ok === true ? made : undefined
}

/** The same JPEG turned upright with nothing lost; undefined where that cannot be done, and its tag has to say which side is up. */
export async function turnUpright(env: PicturesEnv, bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const turned = await ask(env, (pictures) => pictures.upright(bytes))
  return turned?.ok === true ? turned.bytes : undefined
}
