// A JPEG that lies on its side by its EXIF, turned where it is kept: its blocks change places, no pixel is coded anew.
import { turnJpeg } from '../pictures/turn-jpeg.ts'
import { lightly } from './lightly.ts'

export type Turned = { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly message: string }

/** The upright file; not `ok` where there is nothing to turn, or it would take coding the picture anew. */
export const upright = (bytes: Uint8Array): Promise<Turned> =>
  lightly(bytes, () => {
    const turned = turnJpeg(bytes)
    return Promise.resolve(
      turned === undefined ? { ok: false, message: 'It is upright, or cannot be turned without loss' } : { ok: true, bytes: turned },
    )
  })
