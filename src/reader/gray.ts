// Pictures of one channel, and cutting pieces out of them. Pixel centres lie at half coordinates, so that scaling up and
// down again ends in the same place.
import type { Box } from './boxes.ts'
import type { Picture } from '../pictures/picture.ts'

export interface Gray extends Picture {
  readonly channels: 1
}

/** A tilted piece of the picture, sampled to `width` by `height`: means where it shrinks, interpolated where it grows. Beyond the edge lies the edge. */
export function sampleBox(picture: Gray, box: Box, width: number, height: number): Uint8Array {
  const { data, width: across, height: down } = picture
  const [cos, sin] = [Math.cos(box.angle), Math.sin(box.angle)]
  const [stepX, stepY] = [box.width / width, box.height / height]
  const [timesX, timesY] = [Math.max(1, Math.round(stepX)), Math.max(1, Math.round(stepY))]
  const valueAt = (u: number, v: number): number => {
    const x = Math.min(across - 1, Math.max(0, box.x + u * cos - v * sin - 0.5))
    const y = Math.min(down - 1, Math.max(0, box.y + u * sin + v * cos - 0.5))
    const [left, top] = [Math.floor(x), Math.floor(y)]
    const [right, below] = [Math.min(across - 1, left + 1), Math.min(down - 1, top + 1)]
    const [fx, fy] = [x - left, y - top]
    const upper = (data[top * across + left] ?? 0) * (1 - fx) + (data[top * across + right] ?? 0) * fx
    const lower = (data[below * across + left] ?? 0) * (1 - fx) + (data[below * across + right] ?? 0) * fx
    return upper * (1 - fy) + lower * fy
  }
  const out = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0
      for (let j = 0; j < timesY; j++) {
        const v = (y + (j + 0.5) / timesY) * stepY - box.height / 2
        for (let i = 0; i < timesX; i++) sum += valueAt((x + (i + 0.5) / timesX) * stepX - box.width / 2, v)
      }
      out[y * width + x] = Math.round(sum / (timesX * timesY))
    }
  }
  return out
}

/** The whole picture in another size, tilted by `angle` radians so that lines of that slope come to lie level. */
export function resize(picture: Gray, width: number, height: number, angle = 0): Gray {
  if (width === picture.width && height === picture.height && angle === 0) return picture
  const whole = { x: picture.width / 2, y: picture.height / 2, width: picture.width, height: picture.height, angle }
  return { channels: 1, width, height, data: sampleBox(picture, whole, width, height) }
}
