// A small picture of an uploaded one, made here because decoding the large one takes memory.
import { PictureError, type PictureRefusal } from '../pictures/pictures.ts'
import { makeThumbnail, type Thumbnail } from '../pictures/thumbnail.ts'
import { lightly } from './lightly.ts'

export type SmallPicture =
  | ({ readonly ok: true } & Thumbnail)
  | { readonly ok: false; readonly error: PictureRefusal; readonly message: string }

/** A JPEG of at most 320 pixels on its longer side, upright. */
export const thumbnail = (bytes: Uint8Array): Promise<SmallPicture> =>
  lightly(bytes, async () => {
    try {
      return { ok: true, ...(await makeThumbnail(bytes)) }
    } catch (error) {
      if (error instanceof PictureError) return { ok: false, error: error.reason, message: error.message }
      throw error
    }
  })
