// From an uploaded file to pixels, upright, at the size that is wanted and no larger. Sizes are read and refused before
// memory is spent, so that a small file cannot ask for much.
import { sniff } from '../domain/images/images.ts'
import { decodeJpeg } from './jpeg/decode.ts'
import { PictureError, type Decoded, type DecodeOptions, type Picture } from './picture.ts'
import { decodePng } from './png/decode.ts'
import { upright } from './turn.ts'
import { decodeWebp } from './webp.ts'

export { PictureError, type Picture, type PictureRefusal, type DecodeOptions } from './picture.ts'

/**
 * The picture in a JPEG, PNG or WebP file, turned upright, on white where it is transparent. It keeps its shape and is at
 * most `maxSide` pixels on its longer side and `maxPixels` in all; it is never made larger. Throws PictureError.
 */
export async function decodePicture(bytes: Uint8Array, options: DecodeOptions): Promise<Picture> {
  const { picture, orientation } = await decodeFile(bytes, options)
  return upright(picture, orientation)
}

async function decodeFile(bytes: Uint8Array, options: DecodeOptions): Promise<Decoded> {
  const type = sniff(bytes)
  if (type === 'image/jpeg') return decodeJpeg(bytes, options)
  if (type === 'image/png') return decodePng(bytes, options)
  if (type === 'image/webp') return decodeWebp(bytes, options)
  throw new PictureError('unsupported', 'A JPEG, PNG or WebP was expected, but the file is none of them')
}
