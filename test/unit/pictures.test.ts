import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { exifSegment } from '../../src/domain/images/exif.ts'
import { decodeRgba } from '../../src/pictures/codecs.ts'
import { decodePicture, PictureError } from '../../src/pictures/pictures.ts'
import { resample } from '../../src/pictures/reducer.ts'
import { makeThumbnail } from '../../src/pictures/thumbnail.ts'
import { turn } from '../../src/pictures/turn.ts'
import {
  be32,
  differences,
  encodeJpeg,
  jpegOf,
  painting,
  pngOf,
  prepareCodecs,
  reference,
  refusal,
  segment,
  webpOf,
  type Bytes,
  type PngPlan,
} from '../support/image-files.ts'

beforeAll(prepareCodecs)

/** 8 by 16 pixels of four grays, clockwise from the top left: 0, 80, 160, 240. */
const quarters = (x: number, y: number): number => (y < 8 ? (x < 4 ? 0 : 80) : x < 4 ? 240 : 160)

/** The grays of the corners of a decoded picture, clockwise from the top left, rounded to tens. */
async function cornersOf(file: Uint8Array): Promise<string> {
  const { width, height, data } = await decodePicture(file, { gray: true })
  const corners = [0, width - 1, width * height - 1, width * (height - 1)].map((at) => Math.round((data[at] ?? 0) / 10) * 10)
  return `${width}x${height} ${corners.join(' ')}`
}

const inserted = (file: Bytes, at: number, part: ArrayLike<number>): Bytes =>
  Uint8Array.from([...file.subarray(0, at), ...Array.from(part), ...file.subarray(at)])
const tiffOf = (orientation: number): Uint8Array => exifSegment(orientation).subarray(10)

describe('decodePicture turns a picture upright', () => {
  // As a viewer shows it: EXIF 2.3, orientation 6 is a camera held upright whose sensor saw the scene lying.
  const UPRIGHT = [
    [1, '8x16 0 80 160 240'],
    [2, '8x16 80 0 240 160'],
    [3, '8x16 160 240 0 80'],
    [4, '8x16 240 160 80 0'],
    [5, '16x8 0 240 160 80'],
    [6, '16x8 240 0 80 160'],
    [7, '16x8 160 80 0 240'],
    [8, '16x8 80 160 240 0'],
  ] as const

  test.each(UPRIGHT)('orientation %i', async (orientation, expected) => {
    const data = Uint8ClampedArray.from({ length: 8 * 16 * 4 }, (_, i) => (i % 4 === 3 ? 255 : quarters((i >> 2) % 8, i >> 5)))
    const picture = { width: 8, height: 16, data }
    const jpeg = await encodeJpeg(picture, { quality: 100 })
    expect(await cornersOf(inserted(jpeg, 2, exifSegment(orientation)))).toBe(expected)
    const plan: PngPlan = {
      width: 8,
      height: 16,
      colour: 0,
      depth: 8,
      pixel: (x, y) => [quarters(x, y)],
      chunks: [['eXIf', [...tiffOf(orientation)]]],
    }
    expect(await cornersOf(pngOf(plan))).toBe(expected)
    const [webp, tiff] = [await webpOf(picture), tiffOf(orientation)]
    const exif = [...Buffer.from('EXIF'), ...be32(tiff.length).toReversed(), ...tiff]
    const flags = [...Buffer.from('VP8X'), 10, 0, 0, 0, 8, 0, 0, 0, 7, 0, 0, 15, 0, 0]
    const extended = inserted(inserted(webp, webp.length, exif), 12, flags)
    extended.set(be32(extended.length - 8).toReversed(), 4)
    expect(await cornersOf(extended)).toBe(expected)
  })

  test('quarters of a turn, and their way back', async () => {
    const picture = await decodePicture(await encodeJpeg(painting(20, 9)), { gray: false })
    expect(turn(picture, 1)).toMatchObject({ width: 9, height: 20 })
    expect(turn(turn(picture, 1), 3)).toEqual(picture)
    expect(turn(turn(picture, 1), 1)).toEqual(turn(picture, 2))
    expect(turn(picture, 0)).toEqual(picture)
  })
})

describe('resample', () => {
  test('each pixel is the mean of the area that it covers', () => {
    const picture = { width: 3, height: 2, channels: 1, data: Uint8Array.of(0, 90, 240, 60, 30, 0) } as const
    expect([...resample(picture, { width: 1, height: 1 }).data]).toEqual([70])
    expect([...resample(picture, { width: 2, height: 1 }).data]).toEqual([40, 100])
    expect([...resample(picture, { width: 3, height: 2 }).data]).toEqual([...picture.data])
  })
})

describe('decodePicture of a PNG', () => {
  const depths = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] } as const
  const samples = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const
  const kinds = ([0, 2, 3, 4, 6] as const).flatMap((colour) =>
    depths[colour].flatMap((depth) => [false, true].map((woven) => [colour, depth, woven] as const)),
  )
  const onWhite = (value: number, opacity: number): number => 255 - ((255 - value) * opacity) / 255

  test.each(kinds)('colour type %i of %i bits, interlaced: %s', async (colour, depth, isInterlaced) => {
    const most = 2 ** depth - 1
    const pixel: PngPlan['pixel'] = (x, y) =>
      Array.from({ length: samples[colour] }, (_, i) => (x * 7919 + y * 104_729 + i * 37) % (most + 1))
    const palette = Array.from({ length: 3 << Math.min(depth, 8) }, (_, i) => (i * 89) % 256)
    const chunks =
      colour === 3
        ? ([
            ['PLTE', palette],
            ['tRNS', [0, 128]],
          ] as const)
        : []
    for (const [width, height] of [
      [1, 1],
      [3, 2],
      [21, 13],
    ] as const) {
      const file = pngOf({ width, height, colour, depth, pixel, isInterlaced, chunks })
      const expected = Array.from({ length: width * height }, (_, i) => {
        const raw = pixel(i % width, Math.floor(i / width)).map((value) =>
          colour === 3 ? value : depth === 16 ? value >> 8 : (value * 255) / most,
        )
        const [first = 0, second = 255, third = 0, fourth = 255] = raw
        if (colour === 3) return [0, 1, 2].map((c) => onWhite(palette[first * 3 + c] ?? 0, [0, 128][first] ?? 255))
        if (colour === 2 || colour === 6) return [first, second, third].map((value) => onWhite(value, fourth))
        return [0, 1, 2].map(() => onWhite(first, second))
      })
      const [rgb, gray] = [await decodePicture(file, { gray: false }), await decodePicture(file, { gray: true })]
      expect(rgb.data.map((value, i) => Math.abs(value - (expected.flat()[i] ?? 0))).every((off) => off < 1)).toBe(true)
      const light = expected.map(([r = 0, g = 0, b = 0]) => 0.299 * r + 0.587 * g + 0.114 * b)
      expect(gray.data.map((value, i) => Math.abs(value - (light[i] ?? 0))).every((off) => off < 2)).toBe(true)
    }
  })

  test.each([
    [0, 4, [0, 5], (x: number) => [x % 16]],
    [0, 16, [1, 5], (x: number) => [0x100 + x]],
    [2, 8, [0, 5, 0, 5, 0, 5], (x: number) => [x, x, x]],
  ] as const)('the colour that is transparent is white (type %i, %i bits)', async (colour, depth, key, pixel) => {
    const { data } = await decodePicture(pngOf({ width: 8, height: 1, colour, depth, pixel, chunks: [['tRNS', key]] }), { gray: true })
    expect([...data].map((value) => value === 255)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((x) => x === 5))
  })

  const lines: PngPlan = { width: 40, height: 160, colour: 0, depth: 8, pixel: (x, y) => [(x * y * 31) % 256] }
  test('cut off, it is shown if seven eighths of its rows came; interlaced it is not', async () => {
    const most = await decodePicture(pngOf({ ...lines, spoil: (data) => data.subarray(0, data.length * 0.95) }), { gray: true })
    expect([...most.data.subarray(0, 40)]).toEqual(Array.from({ length: 40 }, () => 0))
    const half = pngOf({ ...lines, spoil: (data) => data.subarray(0, data.length * 0.5) })
    expect(await refusal(half)).toMatch(/^corrupt: 160 rows of pixels were expected, but the file holds \d+$/)
    const woven = pngOf({ ...lines, isInterlaced: true, spoil: (data) => data.subarray(0, data.length * 0.95) })
    expect(await refusal(woven)).toBe('corrupt: The data of all pixels was expected, but this interlaced PNG is cut off or damaged')
  })
})

describe('decodePicture of a WebP', () => {
  test.each([undefined, 40, 90])('pixels are what libwebp gives (quality %s)', async (quality) => {
    const file = await webpOf(painting(61, 47), quality)
    const rgba = await decodeRgba(file)
    expect(rgba).toBeDefined()
    if (rgba !== undefined) expect(differences(await decodePicture(file, { gray: false }), rgba).most).toBe(0)
  })

  test('what is transparent is white', async () => {
    const data = Uint8ClampedArray.of(0, 0, 0, 0, 10, 10, 10, 255, 0, 0, 0, 127, 255, 0, 0, 255)
    const { data: pixels } = await decodePicture(await webpOf({ width: 4, height: 1, data }), { gray: false })
    expect([...pixels]).toEqual([255, 255, 255, 10, 10, 10, 128, 128, 128, 255, 0, 0])
  })
})

describe('makeThumbnail', () => {
  const COMMENT = segment(0xfe, [...Buffer.from('a comment')])

  test('it is upright, at most 320 pixels long, and says nothing but its pixels', async () => {
    const file = await encodeJpeg(painting(900, 600), { quality: 90 })
    const described = inserted(file, 2, [...exifSegment(6), ...COMMENT])
    const thumbnail = await makeThumbnail(described)
    expect(thumbnail).toMatchObject({ type: 'image/jpeg', width: 213, height: 320 })
    expect(Buffer.from(thumbnail.bytes).toString('latin1')).not.toMatch(/Exif|ICC_PROFILE|comment|Adobe/)
    const expected = resample(await decodePicture(described, { gray: false }), thumbnail)
    expect(differences(expected, await reference(Uint8Array.from(thumbnail.bytes))).mean).toBeLessThan(6)
  })

  test.each(['PNG', 'WebP'])('it is made of a %s too, and a small picture is not made larger', async (format) => {
    const pixel: PngPlan['pixel'] = () => [200, 100, 50, 0]
    const data = new Uint8ClampedArray(50 * 40 * 4)
    const file =
      format === 'PNG' ? pngOf({ width: 50, height: 40, colour: 6, depth: 8, pixel }) : await webpOf({ width: 50, height: 40, data })
    const thumbnail = await makeThumbnail(file)
    expect(thumbnail).toMatchObject({ width: 50, height: 40 })
    expect((await decodePicture(thumbnail.bytes, { gray: true })).data.every((value) => value > 252)).toBe(true)
  })
})

describe('a file that is not as it should be', () => {
  /** Resolves if the file is decoded to a whole picture or refused as it must be; anything else is the failure. */
  async function survives(file: Uint8Array): Promise<void> {
    try {
      const { width, height, data } = await decodePicture(file, { gray: file.length % 2 === 0, maxSide: 24 })
      expect(data.length).toBe(width * height * (file.length % 2 === 0 ? 1 : 3))
      expect(Math.max(width, height)).toBeLessThanOrEqual(24)
    } catch (error) {
      if (!(error instanceof PictureError)) throw error
      expect(error.message).toMatch(/.{20,}/)
    }
  }
  const small = painting(40, 33)
  const pixel: PngPlan['pixel'] = (x, y) => [(x * y) % 256, x, y]
  const plan: PngPlan = { width: 20, height: 33, colour: 2, depth: 8, pixel }
  const files = async (): Promise<readonly (readonly [string, Bytes])[]> => [
    ['baseline', await encodeJpeg(small, { progressive: false, baseline: true })],
    ['progressive', await encodeJpeg(small, { progressive: true, chroma_subsample: 2 })],
    [
      'restarts',
      jpegOf({
        width: 64,
        height: 64,
        sampling: [
          [2, 1],
          [1, 1],
          [1, 1],
        ],
        block: (i, x, y) => [x * y, i, 9],
        restart: 2,
      }),
    ],
    [
      'scans',
      jpegOf({
        width: 40,
        height: 40,
        sampling: [
          [1, 1],
          [1, 2],
          [1, 1],
        ],
        block: (i, x, y) => [x * y, i, 9],
        scans: [[0], [1], [2]],
      }),
    ],
    ['PNG', pngOf(plan)],
    ['interlaced PNG', pngOf({ ...plan, isInterlaced: true })],
    ['WebP', await webpOf(small, 60)],
    ['lossless WebP', await webpOf(small)],
  ]

  test('however it is cut off, it is decoded or refused', async () => {
    for (const [name, file] of await files()) {
      const step = name.endsWith('WebP') ? 37 : 2
      for (let end = 0; end < file.length; end += step) await survives(file.subarray(0, end))
    }
  })

  test('whatever bytes of it are changed, it is decoded or refused', async () => {
    const all = await files()
    const change = fc.tuple(fc.nat(), fc.nat(255), fc.boolean())
    await fc.assert(
      fc.asyncProperty(fc.nat(all.length - 1), fc.array(change, { minLength: 1, maxLength: 6 }), async (index, changes) => {
        const file = Uint8Array.from(all[index]?.[1] ?? [])
        // Half of the changes hit the headers, where a byte means most.
        for (const [at, value, isEarly] of changes) file[at % (isEarly ? Math.min(700, file.length) : file.length)] = value
        await survives(file)
      }),
      { numRuns: 700 },
    )
  })

  test.each([
    ['nothing', Uint8Array.of(), 'unsupported: A JPEG, PNG or WebP was expected, but the file is none of them'],
    ['a GIF', Buffer.from('GIF89a\x01\0\x01\0'), 'unsupported: A JPEG, PNG or WebP was expected, but the file is none of them'],
    ['only a signature', Uint8Array.of(0xff, 0xd8, 0xff, 0xd9), 'corrupt: A picture was expected in the JPEG, but it ends before one'],
  ])('%s is refused', async (_, file, why) => {
    expect(await refusal(file)).toBe(why)
  })

  test('JPEGs that are rare are refused by name', async () => {
    const file = await encodeJpeg(small, { progressive: false, baseline: true })
    const frame = file.findIndex((byte, i) => byte === 0xff && file[i + 1] === 0xc0)
    const changed = (offset: number, value: number): Uint8Array => Uint8Array.from(file).fill(value, frame + offset, frame + offset + 1)
    expect(await refusal(changed(1, 0xc3))).toBe('unsupported: Baseline and progressive JPEGs are read, but this one is lossless')
    expect(await refusal(changed(1, 0xc9))).toBe('unsupported: Baseline and progressive JPEGs are read, but this one is arithmetic')
    expect(await refusal(changed(4, 12))).toBe('unsupported: JPEGs of 8 bits are read, but this one has 12')
    expect(await refusal(changed(9, 2))).toBe('unsupported: A JPEG of 1, 3 or 4 colours was expected, but this one has 2')
  })
})

describe('a file that would take too much', () => {
  const sized = (width: number, height: number, marker: number): Uint8Array => {
    const file = jpegOf({ width: 8, height: 8, sampling: [[1, 1]], block: () => [0] })
    const frame = file.findIndex((byte, i) => byte === 0xff && file[i + 1] === 0xc0)
    file.set([0xff, marker, 0, 11, 8, height >> 8, height & 255, width >> 8, width & 255], frame)
    return file
  }
  const png = (width: number, height: number, isInterlaced: boolean): Uint8Array => {
    const file = pngOf({ width: 1, height: 1, colour: 2, depth: 8, pixel: () => [1, 2, 3], isInterlaced })
    file.set([...be32(width), ...be32(height)], 16)
    return file
  }
  const webp = async (width: number, height: number, isLossless: boolean): Promise<Uint8Array> => {
    const file = await webpOf(painting(8, 8), isLossless ? undefined : 50)
    const at = isLossless ? 21 : 26
    file.set(isLossless ? be32((width - 1) | ((height - 1) << 14)).toReversed() : [width & 255, width >> 8, height & 255, height >> 8], at)
    return file
  }

  test.each([
    [
      'a JPEG of 4 gigapixels',
      sized(65_535, 65_535, 0xc0),
      'too_large: A JPEG may have 40 megapixels and 16384 pixels on a side, but this one has 65535 by 65535',
    ],
    [
      'a JPEG that is too long',
      sized(20_000, 8, 0xc0),
      'too_large: A JPEG may have 40 megapixels and 16384 pixels on a side, but this one has 20000 by 8',
    ],
    [
      'a progressive JPEG wanted whole',
      sized(6000, 6000, 0xc2),
      'too_large: Decoding may take 48 MB, but this picture of 6000 by 6000 pixels needs 142 MB',
    ],
    [
      'a PNG of 10 gigapixels',
      png(100_000, 100_000, false),
      'too_large: A PNG may have 40 megapixels and 16384 pixels on a side, but this one has 100000 by 100000',
    ],
    [
      'an interlaced PNG',
      png(6000, 6000, true),
      'too_large: Decoding may take 48 MB, but this picture of 6000 by 6000 pixels needs 104 MB',
    ],
  ])('%s is refused by its header', async (_, file, why) => {
    const before = process.memoryUsage().arrayBuffers
    expect(await refusal(file)).toBe(why)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20)
  })

  test('a WebP is refused by its header, one without loss sooner', async () => {
    expect(await refusal(await webp(4000, 3000, false))).toBe(
      'too_large: A WebP may have 8 megapixels and 16384 pixels on a side, but this one has 4000 by 3000',
    )
    expect(await refusal(await webp(2400, 2000, false))).toBe(
      'corrupt: The data of all pixels was expected, but this WebP is cut off or damaged',
    )
    expect(await refusal(await webp(2400, 2000, true))).toBe(
      'too_large: Decoding may take 48 MB, but this picture of 2400 by 2000 pixels needs 62 MB',
    )
  })

  test('a progressive JPEG may not go over all pixels for ever', async () => {
    const file = sized(6000, 6000, 0xc2)
    const header = file.slice(
      0,
      file.findIndex((byte, i) => byte === 0xff && file[i + 1] === 0xda),
    )
    const scan = segment(0xda, [1, 1, 0, 0, 0, 0])
    const endless = Uint8Array.from([...header, ...Array.from({ length: 101 }, () => scan).flat()])
    expect(await refusal(endless, { gray: true, maxSide: 400 })).toBe('unsupported: A JPEG may have 100 scans, but this one has more')
  })

  test('data that goes on behind the last row of a PNG is not inflated', async () => {
    const file = pngOf({ width: 4, height: 4, colour: 0, depth: 8, pixel: () => [9], spoil: () => deflateSync(Buffer.alloc(100_000_000)) })
    expect(await decodePicture(file, { gray: true })).toMatchObject({ width: 4, height: 4, data: new Uint8Array(16) })
  })
})
