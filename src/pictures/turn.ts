// Turning and mirroring by whole quarters: every pixel moves, none changes.
import type { Picture } from './picture.ts'

/**
 * How EXIF's orientation (1 to 8, TIFF 6.0 section 8) is put right: mirrored left to right first, then turned
 * clockwise by so many quarters.
 */
const UPRIGHT: Readonly<Record<number, readonly [mirrored: boolean, quarters: Quarter]>> = {
  2: [true, 0],
  3: [false, 2],
  4: [true, 2],
  5: [true, 3],
  6: [false, 1],
  7: [true, 1],
  8: [false, 3],
}

export type Quarter = 0 | 1 | 2 | 3

/** Where the first pixel of the result lies in the source, and the way to its neighbours to the right and below. */
function pathOf(
  width: number,
  height: number,
  mirrored: boolean,
  quarters: Quarter,
): readonly [start: number, right: number, down: number] {
  const [left, top, right, bottom] = mirrored ? [width - 1, 0, 0, height - 1] : [0, 0, width - 1, height - 1]
  const across = mirrored ? -1 : 1
  const at = (x: number, y: number): number => y * width + x
  switch (quarters) {
    case 0:
      return [at(left, top), across, width]
    case 1:
      return [at(left, bottom), -width, across]
    case 2:
      return [at(right, bottom), -across, -width]
    case 3:
      return [at(right, top), width, -across]
  }
}

function moved(picture: Picture, mirrored: boolean, quarters: Quarter): Picture {
  if (!mirrored && quarters === 0) return picture
  const { channels, data: from } = picture
  const [width, height] = quarters % 2 === 0 ? [picture.width, picture.height] : [picture.height, picture.width]
  const [start, right, down] = pathOf(picture.width, picture.height, mirrored, quarters)
  const data = new Uint8Array(from.length)
  let to = 0
  for (let y = 0; y < height; y++) {
    let at = (start + y * down) * channels
    for (let x = 0; x < width; x++, at += right * channels) for (let c = 0; c < channels; c++) data[to++] = from[at + c] ?? 0
  }
  return { width, height, channels, data }
}

/** The picture turned clockwise by so many quarters. */
export const turn = (picture: Picture, quarters: Quarter): Picture => moved(picture, false, quarters)

/** The picture with the side up that EXIF's orientation calls up; an unknown orientation counts as upright. */
export function upright(picture: Picture, orientation: number): Picture {
  const [mirrored, quarters] = UPRIGHT[orientation] ?? [false, 0]
  return moved(picture, mirrored, quarters)
}
