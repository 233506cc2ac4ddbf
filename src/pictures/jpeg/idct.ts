// The inverse cosine transform of an 8 by 8 block. At full size it is the accurate integer one of the Independent JPEG
// Group (jidctint.c: Loeffler, Ligtenberg and Moschytz 1989), so that pixels equal those of other decoders; at
// smaller sizes a shorter transform of the lowest frequencies (jidctred.c does the same), which also scales down well.

/** Coefficients in rows, already reduced to what the size needs; `factors` are the quantization steps in the same places. */
export interface Transform {
  /** Samples that a block gives beside and below each other. */
  readonly width: number
  readonly height: number
  run(coefficients: Int16Array, at: number, factors: Int32Array, samples: Uint8Array, to: number, stride: number): void
}

const clamp = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value)

const CONST_BITS = 13
const PASS1_BITS = 2
const [FIX_0_298631336, FIX_0_390180644, FIX_0_541196100, FIX_0_765366865] = [2446, 3196, 4433, 6270]
const [FIX_0_899976223, FIX_1_175875602, FIX_1_501321110, FIX_1_847759065] = [7373, 9633, 12_299, 15_137]
const [FIX_1_961570560, FIX_2_053119869, FIX_2_562915447, FIX_3_072711026] = [16_069, 16_819, 20_995, 25_172]

const work = new Int32Array(64)

/** One transform of eight numbers in `work`, each `step` apart, in place. */
function transform8(at: number, step: number, shift: number): void {
  const half = 1 << (shift - 1)
  const i1 = at + step
  const i2 = i1 + step
  const i3 = i2 + step
  const i4 = i3 + step
  const i5 = i4 + step
  const i6 = i5 + step
  const i7 = i6 + step
  const s1 = work[i1] ?? 0
  const s2 = work[i2] ?? 0
  const s3 = work[i3] ?? 0
  const s5 = work[i5] ?? 0
  const s6 = work[i6] ?? 0
  const s7 = work[i7] ?? 0

  const even = (s2 + s6) * FIX_0_541196100
  const e0 = ((work[at] ?? 0) + (work[i4] ?? 0)) << CONST_BITS
  const e1 = ((work[at] ?? 0) - (work[i4] ?? 0)) << CONST_BITS
  const e2 = even - s6 * FIX_1_847759065
  const e3 = even + s2 * FIX_0_765366865
  const t10 = e0 + e3
  const t11 = e1 + e2
  const t12 = e1 - e2
  const t13 = e0 - e3

  const z5 = (s7 + s3 + s5 + s1) * FIX_1_175875602
  const z1 = -(s7 + s1) * FIX_0_899976223
  const z2 = -(s5 + s3) * FIX_2_562915447
  const z3 = z5 - (s7 + s3) * FIX_1_961570560
  const z4 = z5 - (s5 + s1) * FIX_0_390180644
  const o0 = s7 * FIX_0_298631336 + z1 + z3
  const o1 = s5 * FIX_2_053119869 + z2 + z4
  const o2 = s3 * FIX_3_072711026 + z2 + z3
  const o3 = s1 * FIX_1_501321110 + z1 + z4

  work[at] = (t10 + o3 + half) >> shift
  work[i7] = (t10 - o3 + half) >> shift
  work[i1] = (t11 + o2 + half) >> shift
  work[i6] = (t11 - o2 + half) >> shift
  work[i2] = (t12 + o1 + half) >> shift
  work[i5] = (t12 - o1 + half) >> shift
  work[i3] = (t13 + o0 + half) >> shift
  work[i4] = (t13 - o0 + half) >> shift
}

const FULL: Transform = {
  width: 8,
  height: 8,
  run(coefficients, at, factors, samples, to, stride) {
    let others = 0
    for (let i = 1; i < 64; i++) {
      const value = coefficients[at + i] ?? 0
      others |= value
      work[i] = value * (factors[i] ?? 0)
    }
    work[0] = (coefficients[at] ?? 0) * (factors[0] ?? 0)
    if (others === 0) {
      const flat = clamp((((work[0] ?? 0) + 4) >> 3) + 128)
      for (let y = 0; y < 8; y++) samples.fill(flat, to + y * stride, to + y * stride + 8)
      return
    }
    for (let x = 0; x < 8; x++) transform8(x, 8, CONST_BITS - PASS1_BITS)
    for (let y = 0; y < 8; y++) transform8(y * 8, 1, CONST_BITS + PASS1_BITS + 3)
    for (let i = 0; i < 64; i++) samples[to + (i >> 3) * stride + (i & 7)] = clamp((work[i] ?? 0) + 128)
  },
}

/** cos((2x + 1)uπ / 2n) by row u and column x, with the weights that make a mean of n samples of one of eight. */
export function basis(n: number): Float32Array {
  return Float32Array.from({ length: n * n }, (_, i) => {
    const [u, x] = [Math.floor(i / n), i % n]
    return ((u === 0 ? Math.SQRT1_2 : 1) / 2) * Math.cos(((2 * x + 1) * u * Math.PI) / (2 * n))
  })
}

const MEAN: Transform = {
  width: 1,
  height: 1,
  run(coefficients, at, factors, samples, to) {
    samples[to] = clamp((((coefficients[at] ?? 0) * (factors[0] ?? 0) + 4) >> 3) + 128)
  },
}

function reduced(width: number, height: number): Transform {
  const [across, down] = [basis(width), basis(height)]
  const rows = new Float32Array(width * height)
  return {
    width,
    height,
    run(coefficients, at, factors, samples, to, stride) {
      for (let v = 0; v < height; v++) {
        rows.fill(0, v * width, (v + 1) * width)
        for (let u = 0; u < width; u++) {
          const value = (coefficients[at + v * width + u] ?? 0) * (factors[v * width + u] ?? 0)
          if (value === 0) continue
          for (let x = 0; x < width; x++) rows[v * width + x] = (rows[v * width + x] ?? 0) + value * (across[u * width + x] ?? 0)
        }
      }
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          let sum = 128.5
          for (let v = 0; v < height; v++) sum += (rows[v * width + x] ?? 0) * (down[v * height + y] ?? 0)
          samples[to + y * stride + x] = clamp(sum)
        }
    },
  }
}

/** The transform that gives `width` by `height` samples (1 to 8 each) for a block. */
export function transformTo(width: number, height: number): Transform {
  if (width === 8 && height === 8) return FULL
  return width === 1 && height === 1 ? MEAN : reduced(width, height)
}
