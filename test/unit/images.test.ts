import { describe, expect, test } from 'vitest'
import { attachmentOf, fileNameOf } from '../../src/domain/file-name.ts'
import { cleanImage, sniff, type ImageType } from '../../src/domain/images/images.ts'

const ascii = (text: string): number[] => Array.from(text, (char) => char.charCodeAt(0))
const bytes = (...parts: readonly (number | number[])[]): Uint8Array => Uint8Array.from(parts.flat())
const textOf = (data: Uint8Array): string => String.fromCharCode(...data)
const be16 = (n: number): number[] => [(n >> 8) & 255, n & 255]
const be32 = (n: number): number[] => [...be16(n >>> 16), ...be16(n & 0xffff)]
const le16 = (n: number): number[] => be16(n).toReversed()
const le32 = (n: number): number[] => be32(n).toReversed()

const segment = (marker: number, content: number[]): number[] => [0xff, marker, ...be16(content.length + 2), ...content]
const frame = (width: number, height: number, marker = 0xc0): number[] =>
  segment(marker, [8, ...be16(height), ...be16(width), 1, 1, 0x11, 0])
const scan = [...segment(0xda, [1, 1, 0, 0, 63, 0]), 0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56]
const JFIF = segment(0xe0, [...ascii('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0])
const TABLE = segment(0xc4, [0, ...Array<number>(16).fill(0)])
const ICC = segment(0xe2, [...ascii('ICC_PROFILE\0'), 1, 1, ...ascii('profile')])
/** EXIF with an orientation and a place, in little-endian. */
const exif = (orientation: number): number[] =>
  segment(0xe1, [
    ...ascii('Exif\0\0'),
    ...ascii('II'),
    ...le16(42),
    ...le32(8),
    ...le16(2),
    ...le16(0x0112),
    ...le16(3),
    ...le32(1),
    ...le32(orientation),
    ...le16(0x8825),
    ...le16(4),
    ...le32(1),
    ...le32(99),
    ...le32(0),
    ...ascii('GPS 48.8584N 2.2945E'),
  ])
const jpeg = (...middle: number[][]): Uint8Array => bytes([0xff, 0xd8], ...middle, [0xff, 0xd9])

const chunk = (name: string, content: number[]): number[] => [...be32(content.length), ...ascii(name), ...content, 0, 0, 0, 0]
const png = (width: number, height: number, ...middle: number[][]): Uint8Array =>
  bytes(
    ascii('\x89PNG\r\n\x1a\n'),
    chunk('IHDR', [...be32(width), ...be32(height), 8, 6, 0, 0, 0]),
    ...middle,
    chunk('IDAT', [1, 2, 3]),
    chunk('IEND', []),
  )

const riffChunk = (name: string, content: number[]): number[] => [
  ...ascii(name),
  ...le32(content.length),
  ...content,
  ...(content.length % 2 === 0 ? [] : [0]),
]
const webp = (...chunks: number[][]): Uint8Array => bytes(ascii('RIFF'), le32(chunks.flat().length + 4), ascii('WEBP'), ...chunks)
const vp8 = (width: number, height: number): number[] => riffChunk('VP8 ', [0, 0, 0, 0x9d, 0x01, 0x2a, ...le16(width), ...le16(height), 7])
const vp8x = (flags: number, width: number, height: number): number[] =>
  riffChunk('VP8X', [flags, 0, 0, 0, ...le32(width - 1).slice(0, 3), ...le32(height - 1).slice(0, 3)])

function clean(data: Uint8Array, type: ImageType): { width: number; height: number; bytes: Uint8Array; text: string } {
  const result = cleanImage(data, type)
  if (!result.ok) throw new Error(result.error)
  return { ...result.value, text: textOf(result.value.bytes) }
}
const whyNot = (data: Uint8Array, type: ImageType): string | undefined => {
  const result = cleanImage(data, type)
  return result.ok ? undefined : result.error
}

describe('sniff', () => {
  test.each([
    ['a JPEG', jpeg(JFIF), 'image/jpeg'],
    ['a PNG', png(1, 1), 'image/png'],
    ['a WebP', webp(vp8(1, 1)), 'image/webp'],
    ['a PDF', bytes(ascii('%PDF-1.7')), 'application/pdf'],
    ['a GIF with a script', bytes(ascii('GIF89a<script>alert(1)</script>')), undefined],
    ['an SVG', bytes(ascii('<svg onload="alert(1)">')), undefined],
    ['another RIFF', bytes(ascii('RIFF\0\0\0\0WAVE')), undefined],
    ['nothing', bytes(), undefined],
  ])('%s is told by its bytes', (_, data, type) => {
    expect(sniff(data)).toBe(type)
  })
})

describe('cleanImage of a JPEG', () => {
  test('place, comments and thumbnails go, also between the scans of a progressive file; the profile stays', () => {
    const dirty = jpeg(
      JFIF,
      exif(1),
      ICC,
      segment(0xed, ascii('Photoshop 3.0 IPTC')),
      segment(0xfe, ascii('a comment')),
      segment(0xe2, ascii('MPF\0 preview')),
      frame(4, 3, 0xc2),
      TABLE,
      scan,
      segment(0xfe, ascii('hidden')),
      TABLE,
      scan,
    )
    const cleaned = clean(dirty, 'image/jpeg')
    expect(cleaned).toMatchObject({ width: 4, height: 3 })
    expect([...cleaned.bytes]).toEqual([...jpeg(JFIF, ICC, frame(4, 3, 0xc2), TABLE, scan, TABLE, scan)])
  })

  test('which side is up is all that is kept of EXIF', () => {
    const cleaned = clean(jpeg(JFIF, exif(6), frame(4, 3), TABLE, scan), 'image/jpeg')
    expect(cleaned.text).not.toContain('GPS')
    expect(cleaned.text).toContain('Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06')
    expect(clean(cleaned.bytes, 'image/jpeg').bytes).toEqual(cleaned.bytes)
  })

  test('a damaged EXIF block is dropped and the image is taken', () => {
    const damaged = exif(6).slice(0, 26)
    damaged[3] = damaged.length - 2
    expect(clean(jpeg(damaged, frame(4, 3), TABLE, scan), 'image/jpeg').text).not.toContain('Exif')
  })

  test('what follows the end is cut off', () => {
    expect(clean(bytes([...jpeg(frame(1, 1), TABLE, scan)], ascii('PK\x03\x04<script>')), 'image/jpeg').text).not.toContain('<script>')
  })

  test.each([
    ['is cut off in the scan', jpeg(JFIF, frame(4, 3), TABLE, scan).slice(0, -2), 'The file ends before the image does'],
    ['is cut off in a segment', jpeg(JFIF, frame(4, 3)).slice(0, 12), 'The file ends before the image does'],
    ['has no pixels', jpeg(frame(4, 0), TABLE, scan), 'The image has no pixels'],
    [
      'is too large to decode',
      jpeg(frame(65_535, 65_535), TABLE, scan),
      'The image has 65535 by 65535 pixels; at most 40 megapixels are taken',
    ],
    ['has a second, larger frame', jpeg(frame(4, 3), frame(60_000, 60_000), TABLE, scan), 'The file holds more than one image'],
    ['tells its height later', jpeg(frame(4, 3), TABLE, scan, segment(0xdc, be16(60_000))), 'The file is not a well-formed JPEG'],
    ['has no scan', jpeg(frame(4, 3), TABLE), 'The file holds no image'],
    [
      'is a page behind a marker',
      bytes([0xff, 0xd8, 0xff], ascii('<html><script>alert(1)</script>')),
      'The file is not a well-formed JPEG',
    ],
  ])('one that %s is refused', (_, data, why) => {
    expect(whyNot(data, 'image/jpeg')).toBe(why)
  })
})

describe('cleanImage of a PNG', () => {
  test('texts, times, EXIF and private chunks go; colour stays', () => {
    const dirty = png(
      2,
      5,
      chunk('gAMA', be32(45_455)),
      chunk('tEXt', ascii('Author\0Ann')),
      chunk('eXIf', ascii('II GPS')),
      chunk('tIME', [1, 2, 3, 4, 5, 6, 7]),
      chunk('prVt', ascii('<?php')),
    )
    const cleaned = clean(bytes([...dirty], ascii('<script>')), 'image/png')
    expect(cleaned).toMatchObject({ width: 2, height: 5 })
    expect(cleaned.bytes).toEqual(png(2, 5, chunk('gAMA', be32(45_455))))
  })

  test.each([
    ['is cut off', png(2, 2).slice(0, 40), 'The file ends before the image does'],
    [
      'claims a chunk that is longer than the file',
      png(2, 2, [...be32(0xffffffff), ...ascii('IDAT')]),
      'The file ends before the image does',
    ],
    ['has no pixels', png(0, 2), 'The image has no pixels'],
    ['is too large to decode', png(100_000, 100_000), 'The image has 100000 by 100000 pixels; at most 40 megapixels are taken'],
    ['has two headers', png(2, 2, chunk('IHDR', Array<number>(13).fill(9))), 'The file is not a well-formed PNG'],
    ['needs a chunk that nobody knows', png(2, 2, chunk('EVIL', [])), 'The file is not a well-formed PNG'],
    ['is only a signature', bytes(ascii('\x89PNG\r\n\x1a\n')), 'The file ends before the image does'],
  ])('one that %s is refused', (_, data, why) => {
    expect(whyNot(data, 'image/png')).toBe(why)
  })
})

describe('cleanImage of a WebP', () => {
  test('EXIF and XMP go, and with them the flags that announce them', () => {
    const dirty = webp(
      vp8x(0x2c, 6, 4),
      riffChunk('ICCP', [1, 2]),
      vp8(6, 4),
      riffChunk('EXIF', ascii('II GPS')),
      riffChunk('XMP ', ascii('<x:xmpmeta>')),
      riffChunk('ZZZZ', [1]),
    )
    const cleaned = clean(bytes([...dirty], ascii('trailing')), 'image/webp')
    expect(cleaned).toMatchObject({ width: 6, height: 4 })
    expect(cleaned.bytes).toEqual(webp(vp8x(0x20, 6, 4), riffChunk('ICCP', [1, 2]), vp8(6, 4)))
  })

  test('a lossless picture tells its size in bits', () => {
    expect(clean(webp(riffChunk('VP8L', [0x2f, ...le32(299 | (199 << 14)), 0])), 'image/webp')).toMatchObject({ width: 300, height: 200 })
  })

  test.each([
    ['is cut off', webp(vp8(6, 4)).slice(0, 24), 'The file ends before the image does'],
    ['has no picture', webp(vp8x(0, 6, 4)), 'The file holds no image'],
    ['has no pixels', webp(vp8(0, 4)), 'The image has no pixels'],
    ['has another size than its canvas', webp(vp8x(0, 6, 4), vp8(600, 400)), 'The file is not a well-formed WebP'],
    [
      'has a canvas too large to decode',
      webp(vp8x(0, 16_000_000, 16_000_000), vp8(6, 4)),
      'The image has 16000000 by 16000000 pixels; at most 40 megapixels are taken',
    ],
    ['moves', webp(vp8x(2, 6, 4), riffChunk('ANIM', [0, 0, 0, 0, 0, 0]), riffChunk('ANMF', [])), 'Animated images are not taken'],
    ['has two pictures', webp(vp8(6, 4), vp8(6, 4)), 'The file holds more than one image'],
  ])('one that %s is refused', (_, data, why) => {
    expect(whyNot(data, 'image/webp')).toBe(why)
  })
})

describe('fileNameOf', () => {
  test.each([
    ['receipt.png', 'receipt.png'],
    ['C:\\Users\\ann\\Überweisung 3.PNG', 'Überweisung 3.PNG'],
    ['../../etc/passwd', 'passwd.png'],
    ['evil.html', 'evil.html.png'],
    ['invoice\u202egnp.exe', 'invoicegnp.exe.png'],
    ['a"b\r\nSet-Cookie: x=1.png', 'abSet-Cookie x=1.png'],
    ['', 'file.png'],
    ['.png', 'png.png'],
  ])('%j becomes %j', (given, name) => {
    expect(fileNameOf(given, 'image/png')).toBe(name)
  })

  test('the header carries any name in ASCII and as it is', () => {
    expect(attachmentOf("Ann's 東京.png")).toBe("attachment; filename=\"Ann's __.png\"; filename*=UTF-8''Ann%27s%20%E6%9D%B1%E4%BA%AC.png")
  })
})
