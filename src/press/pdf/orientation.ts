// Which side of a picture is up, as EXIF counts it (1 to 8), and the matrix that puts it upright into a box.
import { viewOf } from '../../domain/images/bytes.ts'
import { orientationOf } from '../../domain/images/exif.ts'

export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8

/** In PDF's coordinates: zero at the lower left, up is more. */
interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const [APP1, START_OF_SCAN] = [0xe1, 0xda]

/** Of the first EXIF segment of a JPEG that tells it; 1 where none does. */
export function orientationOfJpeg(bytes: Uint8Array): Orientation {
  const view = viewOf(bytes)
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== START_OF_SCAN; at += 2 + view.getUint16(at + 2)) {
    if (bytes[at + 1] !== APP1) continue
    const found = orientationOf(bytes.subarray(at, at + 2 + view.getUint16(at + 2)))
    if (found !== undefined) return found as Orientation
  }
  return 1
}

/** The matrix (`a b c d e f`) that maps the unit square of the picture to the box, upright. */
export function placement(
  orientation: Orientation,
  { x, y, width: w, height: h }: Box,
): readonly [number, number, number, number, number, number] {
  const [right, top] = [x + w, y + h]
  switch (orientation) {
    case 1:
      return [w, 0, 0, h, x, y]
    case 2:
      return [-w, 0, 0, h, right, y]
    case 3:
      return [-w, 0, 0, -h, right, top]
    case 4:
      return [w, 0, 0, -h, x, top]
    case 5:
      return [0, -h, -w, 0, right, top]
    case 6:
      return [0, -h, w, 0, x, top]
    case 7:
      return [0, h, w, 0, x, y]
    case 8:
      return [0, h, -w, 0, right, y]
  }
}
