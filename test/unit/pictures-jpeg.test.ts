import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { exifSegment } from '../../src/domain/images/exif.ts'
import { decodePicture } from '../../src/pictures/pictures.ts'
import { huffmanTable } from '../../src/pictures/jpeg/bits.ts'
import { encodeJpeg as encodeOurs } from '../../src/pictures/jpeg/encode.ts'
import { bestTable } from '../../src/pictures/jpeg/symbols.ts'
import { resample } from '../../src/pictures/reducer.ts'
import { turnJpeg } from '../../src/pictures/turn-jpeg.ts'
import {
  differences,
  encodeJpeg,
  jpegOf,
  painting,
  prepareCodecs,
  reference,
  refusal,
  segment,
  type JpegPlan,
} from '../support/image-files.ts'

beforeAll(prepareCodecs)

/** A texture in the first colour and nothing in the others. */
const texture: JpegPlan['block'] = (i, x, y) =>
  i > 0 ? [0] : [((x * 37 + y * 91) % 160) * 8 - 600, 40 - ((x * 29) % 90), (y * 17) % 60, -30, 12, 7]
const flat =
  (...levels: readonly number[]): JpegPlan['block'] =>
  (i) => [((levels[i] ?? 128) - 128) * 8]

/** 43 by 27 pixels, 4:2:0, in one scan; and the same coefficients in ten, most of them refining others (jpegtran's). */
const IN_ONE_SCAN = [
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODh',
  'MREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAAbACsDASIAAhEBAxEB/8QAGQAAAwEBAQAAAAAAAAAA',
  'AAAABAUGAwEC/8QAKxAAAQMCBAQFBQAAAAAAAAAAAQIDEQAEBSExQRIiUXETYaHB4RQVQpHw/8QAFgEBAQEAAAAAAAAAAAAAAAAABQQD/8QAHxEAAQQCAwEBAAAAAAAAAA',
  'AAAQACAwQFERITITGx/9oADAMBAAIRAxEAPwB61dNpbPFCRsKBvb9JBiOI6iaRvYgQgx27ilNxiDji5GYJy70VTxuztb5KtwYIwqti5CnAAdTEHbzp3bXLaGwAQI1MTUNY',
  'PrVBJBG22/zTNy+LbZTxHPYUuKPI6WeOxXWwyOVBd3yRKQrTY0u+saH5Gpu5xFSlnnJHSsy84cypQnPem62ODW+oi5UdNKVte27gSUwD0pexhylKJMg9h71S3aUkJMCfKt',
  'bNpviTy6kg/s0FWlLWKuxedNY4lBWeHKSjigmBOfX+Nebq3UgRBIAyj3qpQ2jwhy7gelBYg02F5JG5q6tPt2ylLd10UGgo9VmuSogEJ8iTXftjzvOESFZjWn/hoLiAUiCr',
  '3+TRnhp6etQZvIvdN0j439PqkxUpeC8/V//Z',
].join('')
const IN_TEN_SCANS = [
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODh',
  'MREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wgARCAAbACsDASIAAhEBAxEB/8QAGAAAAwEBAAAAAAAAAAAA',
  'AAAAAwQFAgH/xAAWAQEBAQAAAAAAAAAAAAAAAAAEAwL/2gAMAwEAAhADEAAAAXgIqE3WdhsszQXm5aTa9LYag5VBdUfr5jy//8QAGxAAAwEBAQEBAAAAAAAAAAAAAAECEQ',
  'MhEhP/2gAIAQEAAQUCVLLsVezSyrPtD6FdGyGO8VdDWXLFzI5lSfB+bZRCRnnRIz3D/8QAGxEAAQUBAQAAAAAAAAAAAAAAAwABAgQREiH/2gAIAQMBAT8BsjxuVXq8t06M',
  'J5yRDvMmIpnjBVZb6v/EAB0RAAEFAAMBAAAAAAAAAAAAAAABAgMEERITIVH/2gAIAQIBAT8BhrHRpHXxCN2IRv8AS7YVX8Ph/8QAFBABAAAAAAAAAAAAAAAAAAAAQP/aAA',
  'gBAQAGPwJH/8QAHBAAAgMAAwEAAAAAAAAAAAAAAAERITFBUWGB/9oACAEBAAE/IUrUJ+kwQC8k9CoYD2UkjG9PZkCBzYxKRyG29G6NFVEhUJOBIwhCuSB//9oADAMBAAIA',
  'AwAAABD9WInW7//EABcRAQEBAQAAAAAAAAAAAAAAAAEAETH/2gAIAQMBAT8QxxbsKbQLNk5X2//EABkRAAMBAQEAAAAAAAAAAAAAAAABESExsf/aAAgBAgEBPxCjoqQXoP',
  'G9MnHPT0//xAAhEAEAAgICAgMBAQAAAAAAAAABABEhQTFhUXGhweGR8P/aAAgBAQABPxBhgNEcNVbkuGAPLVOu4aBCuWrhLHDTKdog69eyWEyLj3K5UTWt/sRLM6I5zTxF',
  'MoXncIqD4jhbH0fcwktF58/5gNUoGK+5ZUCdFZxdzI5jBUX1O0FH+sq+wfEFiNstFFP2/WdHzP/Z',
].join('')

describe('decodePicture of a JPEG', () => {
  const sizes = [
    [1, 1],
    [16, 8],
    [37, 61],
    [131, 50],
  ] as const
  const kinds = [
    { quality: 30, baseline: true, progressive: false },
    { quality: 95, baseline: true, progressive: false, optimize_coding: true },
    { quality: 60, progressive: true },
    { quality: 100, progressive: true },
  ]

  test.each(sizes)(
    'light is what the reference decoder gives, %i by %i, at all qualities, subsampled and progressive',
    async (width, height) => {
      for (const kind of kinds) {
        for (const chroma of [1, 2]) {
          const file = await encodeJpeg(painting(width, height, 0), { ...kind, chroma_subsample: chroma })
          expect(differences(await decodePicture(file, { gray: true }), await reference(file)).most).toBeLessThanOrEqual(1)
        }
      }
    },
  )

  test.each(sizes)(
    'colours are what the reference decoder gives, %i by %i; subsampled, edges of colour are less smooth',
    async (width, height) => {
      for (const kind of kinds) {
        const full = await encodeJpeg(painting(width, height), kind)
        expect(differences(await decodePicture(full, { gray: false }), await reference(full)).most).toBeLessThanOrEqual(1)
        const half = await encodeJpeg(painting(width, height), { ...kind, chroma_subsample: 2 })
        expect(differences(await decodePicture(half, { gray: false }), await reference(half)).mean).toBeLessThan(3)
      }
    },
  )

  test.each([
    [
      '4:4:4',
      [
        [1, 1],
        [1, 1],
        [1, 1],
      ],
    ],
    [
      '4:2:2',
      [
        [2, 1],
        [1, 1],
        [1, 1],
      ],
    ],
    [
      '4:4:0',
      [
        [1, 2],
        [1, 1],
        [1, 1],
      ],
    ],
    [
      '4:2:0',
      [
        [2, 2],
        [1, 1],
        [1, 1],
      ],
    ],
    [
      '4:1:1',
      [
        [4, 1],
        [1, 1],
        [1, 1],
      ],
    ],
    [
      'colours finer than light',
      [
        [1, 1],
        [2, 2],
        [1, 2],
      ],
    ],
    ['one colour with factors', [[2, 2]]],
  ] as const)('sampling %s, with and without restart markers, in one scan and in several', async (_, sampling) => {
    for (const restart of [0, 1, 5]) {
      for (const scans of [[sampling.map((__, i) => i)], sampling.map((__, i) => [i])]) {
        const file = jpegOf({ width: 75, height: 53, sampling, block: texture, restart, scans })
        const expected = await reference(file)
        for (const gray of [true, false]) {
          const { most, mean } = differences(await decodePicture(file, { gray }), expected)
          // Light that is itself subsampled is repeated here and smoothed there.
          if ((sampling[1]?.[0] ?? 0) > sampling[0][0]) expect(mean).toBeLessThan(12)
          else expect(most).toBeLessThanOrEqual(1)
        }
      }
    }
  })

  test('a picture that comes in scans, each refining those before, is the same at every scale', async () => {
    const [one, ten] = [IN_ONE_SCAN, IN_TEN_SCANS].map((text) => Uint8Array.from(Buffer.from(text, 'base64'))) as [Uint8Array, Uint8Array]
    for (const gray of [true, false])
      for (const maxSide of [43, 30, 21, 15, 10, 5])
        expect(await decodePicture(ten, { gray, maxSide })).toEqual(await decodePicture(one, { gray, maxSide }))
  })

  test('light that is left out is decoded where it belongs', async () => {
    const block: JpegPlan['block'] = (i, x, y) => [i > 0 ? 0 : ((x + 2 * y) % 3) * 400 - 400]
    const { data } = await decodePicture(
      jpegOf({
        width: 48,
        height: 48,
        sampling: [
          [1, 1],
          [2, 2],
          [1, 1],
        ],
        block,
      }),
      { gray: true },
    )
    expect([0, 16, 32, 48 * 16, 48 * 17 + 17].map((at) => data[at])).toEqual([78, 128, 178, 178, 78])
  })

  const adobe = (transform: number): number[] => segment(0xee, [...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, transform])
  const ONE = [1, 1] as const
  test.each([
    ['YCbCr', 3, [], [100, 128, 178], [170, 64, 100]],
    ['RGB by Adobe', 3, adobe(0), [200, 100, 50], [200, 100, 50]],
    ['inks, Adobe', 4, adobe(0), [255, 128, 0, 128], [128, 64, 0]],
    ['inks, plain', 4, [], [0, 127, 255, 127], [128, 64, 0]],
    ['YCCK', 4, adobe(2), [127, 128, 128, 128], [64, 64, 64]],
  ])('%s', async (_, count, before, levels, rgb) => {
    const file = jpegOf({ width: 8, height: 8, sampling: Array.from({ length: count }, () => ONE), block: flat(...levels), before })
    expect([...(await decodePicture(file, { gray: false })).data.subarray(0, 3)]).toEqual(rgb)
    const light = (rgb[0] ?? 0) * 0.299 + (rgb[1] ?? 0) * 0.587 + (rgb[2] ?? 0) * 0.114
    const [gray = 0] = (await decodePicture(file, { gray: true })).data
    expect(Math.abs(gray - light)).toBeLessThan(1.5)
  })

  test.each([false, true])('decoded small it is the mean of the picture decoded whole (progressive: %s)', async (progressive) => {
    const file = await encodeJpeg(painting(251, 187), { quality: 90, progressive, baseline: !progressive, chroma_subsample: 2 })
    for (const gray of [true, false]) {
      const whole = await decodePicture(file, { gray })
      for (const maxSide of [250, 200, 126, 100, 63, 32]) {
        const small = await decodePicture(file, { gray, maxSide })
        expect(Math.max(small.width, small.height)).toBe(maxSide)
        const mean = resample(whole, small)
        const off = small.data.map((value, i) => Math.abs(value - (mean.data[i] ?? 0)))
        expect(off.reduce((sum, value) => sum + value, 0) / off.length).toBeLessThan(2.5)
      }
    }
  })

  test('it keeps to the number of pixels that is wanted, and is never made larger', async () => {
    const file = await encodeJpeg(painting(200, 100))
    expect(await decodePicture(file, { gray: true, maxSide: 150, maxPixels: 5000 })).toMatchObject({ width: 100, height: 50 })
    expect(await decodePicture(file, { gray: true, maxSide: 900, maxPixels: 1e9 })).toMatchObject({ width: 200, height: 100 })
  })

  test('cut off, it is shown if seven eighths of its rows came', async () => {
    const file = jpegOf({ width: 64, height: 160, sampling: [[1, 1]], block: texture })
    const whole = await decodePicture(file, { gray: true })
    const most = await decodePicture(file.subarray(0, file.length * 0.95), { gray: true })
    expect(most.data.subarray(0, 64 * 130)).toEqual(whole.data.subarray(0, 64 * 130))
    expect(most.data.at(-1)).toBe(128)
    expect(await refusal(file.subarray(0, file.length * 0.8))).toMatch(
      /^corrupt: The data of all pixels was expected, but this JPEG is cut off or damaged at \d\d %$/,
    )
  })

  test('damage is passed over to the next restart marker', async () => {
    const file = jpegOf({ width: 160, height: 160, sampling: [[1, 1]], block: texture, restart: 20 })
    const whole = await decodePicture(file, { gray: true })
    // All ones is no code: the fifth row of blocks is lost from its beginning, the others stay.
    file.fill(0xfe, file.indexOf(0xd3, 700) + 1, file.indexOf(0xd3, 700) + 30)
    const { data } = await decodePicture(file, { gray: true })
    expect(data.subarray(0, 160 * 32)).toEqual(whole.data.subarray(0, 160 * 32))
    expect(data.subarray(160 * 40)).toEqual(whole.data.subarray(160 * 40))
  })

  test('what follows a piece that is missing stays where it belongs', async () => {
    const file = jpegOf({ width: 160, height: 160, sampling: [[1, 1]], block: texture, restart: 20 })
    const whole = await decodePicture(file, { gray: true })
    const [start, end] = [0xd3, 0xd4].map((marker) => file.findIndex((byte, i) => i > 700 && byte === 0xff && file[i + 1] === marker))
    const { data } = await decodePicture(Uint8Array.from([...file.slice(0, start), ...file.slice(end)]), { gray: true })
    expect(data.subarray(0, 160 * 32)).toEqual(whole.data.subarray(0, 160 * 32))
    expect(data.subarray(160 * 32, 160 * 40).every((value) => value === 128)).toBe(true)
    expect(data.subarray(160 * 40)).toEqual(whole.data.subarray(160 * 40))
  })
})

describe('encodeJpeg', () => {
  test.each([
    [1, 1],
    [17, 40],
    [64, 64],
  ])('any decoder reads it, and quality tells how close it is (%i by %i)', async (width, height) => {
    const source = painting(width, height, 0.5)
    const picture = { width, height, channels: 3, data: Uint8Array.from(source.data.filter((_, i) => i % 4 < 3)) } as const
    const means = await Promise.all(
      [10, 75, 100].map(async (quality) => differences(picture, await reference(Uint8Array.from(encodeOurs(picture, quality)))).mean),
    )
    expect(means[2]).toBeLessThan(2)
    expect(means[1]).toBeLessThan(6)
    expect(encodeOurs(picture, 10).length).toBeLessThanOrEqual(encodeOurs(picture, 100).length)
  })

  test('a picture of one channel is gray', async () => {
    const picture = { width: 20, height: 9, channels: 1, data: Uint8Array.from({ length: 180 }, (_, i) => i) } as const
    const { data } = await decodePicture(encodeOurs(picture, 95), { gray: false })
    expect([0, 1, 2].map((channel) => Math.abs((data[90 * 3 + channel] ?? 0) - 90) <= 3)).toEqual([true, true, true])
  })
})

describe('bestTable', () => {
  test('however seldom a symbol is, its code has at most 16 bits, and none is the beginning of another', () => {
    const seldom = Uint32Array.from({ length: 256 }, (_, i) => (i < 40 ? Math.floor(1.618 ** i) : 0))
    const { counts, codes, lengths, symbols } = bestTable(seldom)
    expect(symbols.length).toBe(40)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(40)
    const words = Array.from(symbols, (symbol) => (codes[symbol] ?? 0).toString(2).padStart(lengths[symbol] ?? 0, '0')).sort()
    expect(words.every((word, i) => word.length <= 16 && word.includes('0') && !words[i + 1]?.startsWith(word))).toBe(true)
    expect(huffmanTable(counts, symbols)).toBeDefined()
  })
})

describe('turnJpeg', () => {
  const ICC = segment(0xe2, [...Buffer.from('ICC_PROFILE\0'), 1, 1, ...Buffer.from('a profile')])
  const tagged = (file: Uint8Array, orientation: number): Uint8Array =>
    Uint8Array.from([...file.subarray(0, 2), ...exifSegment(orientation), ...ICC, ...file.subarray(2)])
  const turned = (file: Uint8Array, orientation: number): Uint8Array => {
    const result = turnJpeg(tagged(file, orientation))
    if (result === undefined) throw new Error('not turned')
    return result
  }
  const samplings = [
    ['gray', [[1, 1]]],
    [
      '4:4:4',
      [
        [1, 1],
        [1, 1],
        [1, 1],
      ],
    ],
    [
      '4:2:2',
      [
        [2, 1],
        [1, 1],
        [1, 1],
      ],
    ],
    [
      '4:2:0',
      [
        [2, 2],
        [1, 1],
        [1, 1],
      ],
    ],
    [
      'colours of their own',
      [
        [1, 1],
        [2, 1],
        [1, 2],
      ],
    ],
  ] as const
  const block: JpegPlan['block'] = (i, x, y) => (i === 0 ? texture(i, x, y) : [x * 90 - y * 40, 30 + x, -20 - y, 9])

  test.each(samplings)('the pixels are those of the picture with its tag, in all orientations (%s)', async (_, sampling) => {
    for (const restart of [0, 2]) {
      const file = jpegOf({ width: 64, height: 32, sampling, block, restart })
      for (const orientation of [2, 3, 4, 5, 6, 7, 8]) {
        const result = turned(file, orientation)
        expect(Buffer.from(result).toString('latin1')).not.toContain('Exif')
        expect(Buffer.from(result).toString('latin1')).toContain('a profile')
        const [got, expected] = [
          await decodePicture(result, { gray: false }),
          await decodePicture(tagged(file, orientation), { gray: false }),
        ]
        expect([got.width, got.height]).toEqual([expected.width, expected.height])
        // The transform rounds columns first, so that a turned block may differ by one, and its colours by two.
        expect(Math.max(...got.data.map((value, i) => Math.abs(value - (expected.data[i] ?? 0))))).toBeLessThanOrEqual(4)
      }
    }
  })

  test('nothing is lost: four quarters of a turn lead back to the same pixels, as do two mirrors', async () => {
    const file = await encodeJpeg(painting(64, 48), { quality: 95, progressive: false, baseline: true, chroma_subsample: 2 })
    const whole = await decodePicture(file, { gray: false })
    for (const [orientation, times] of [
      [6, 4],
      [8, 4],
      [3, 2],
      [2, 2],
      [4, 2],
      [5, 2],
      [7, 2],
    ] as const) {
      let result: Uint8Array = file
      for (let i = 0; i < times; i++) result = turned(result, orientation)
      expect(await decodePicture(result, { gray: false })).toEqual(whole)
    }
  })

  test('a side that would begin with what lies beyond the picture is not turned; others need no round size', async () => {
    // Table 0 has other steps for rows than for columns.
    const options = { progressive: false, baseline: true, chroma_subsample: 2, quant_table: 0, quality: 30 }
    const file = await encodeJpeg(painting(50, 48), options)
    expect([1, 2, 3, 4, 5, 6, 7, 8].filter((orientation) => turnJpeg(tagged(file, orientation)) !== undefined)).toEqual([4, 5, 6])
    const [got, expected] = [await decodePicture(turned(file, 6), { gray: true }), await decodePicture(tagged(file, 6), { gray: true })]
    expect(Math.max(...got.data.map((value, i) => Math.abs(value - (expected.data[i] ?? 0))))).toBeLessThanOrEqual(2)
  })

  test('what is progressive, upright, no JPEG or damaged is left alone', async () => {
    const file = await encodeJpeg(painting(64, 48), { progressive: false, baseline: true })
    expect(turnJpeg(tagged(await encodeJpeg(painting(64, 48), { progressive: true }), 6))).toBeUndefined()
    expect(turnJpeg(file)).toBeUndefined()
    expect(turnJpeg(Uint8Array.of(1, 2, 3))).toBeUndefined()
    const good = tagged(file, 6)
    for (let end = 0; end < good.length - 3; end += 5) expect(turnJpeg(good.subarray(0, end))).toBeUndefined()
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
        const changed = Uint8Array.from(good).fill(value, at, at + 1)
        expect(turnJpeg(changed)?.subarray(0, 2) ?? Uint8Array.of(0xff, 0xd8)).toEqual(Uint8Array.of(0xff, 0xd8))
      }),
      { numRuns: 300 },
    )
  })
})
