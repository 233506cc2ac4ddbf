/** The brightness of red, green and blue (ITU-R BT.601), the same as JPEG's Y. */
export function grayLine(colours: Uint8Array | Uint8ClampedArray, out: Uint8Array): void {
  for (let x = 0, from = 0; x < out.length; x++, from += 3)
    out[x] = ((colours[from] ?? 0) * 77 + (colours[from + 1] ?? 0) * 150 + (colours[from + 2] ?? 0) * 29 + 128) >> 8
}

/** A value laid on white where it is not opaque. */
export const onWhite = (value: number, opacity: number): number => 255 - Math.round(((255 - value) * opacity) / 255)
