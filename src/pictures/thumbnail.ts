// A small picture of an uploaded one, for lists: upright, and without anything that its file said beside the pixels.
import { encodeJpeg } from './jpeg/encode.ts'
import { decodePicture } from './pictures.ts'

const LONGER_SIDE = 320
const QUALITY = 75

export interface Thumbnail {
  readonly bytes: Uint8Array
  readonly type: 'image/jpeg'
  readonly width: number
  readonly height: number
}

/** A JPEG of at most 320 pixels on its longer side. Throws PictureError. */
export async function makeThumbnail(file: Uint8Array): Promise<Thumbnail> {
  const picture = await decodePicture(file, { gray: false, maxSide: LONGER_SIDE })
  return { bytes: encodeJpeg(picture, QUALITY), type: 'image/jpeg', width: picture.width, height: picture.height }
}
