// QR codes as pictures that stay sharp at any size.
import { encode } from 'uqr'

/** Four modules of white on each side, without which scanners don't find a code (ISO/IEC 18004). */
const QUIET_ZONE = 4

/** Whole pixels per module where nothing scales the picture. */
const MODULE_PX = 8

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** As text of XML, without what XML can't hold. */
const escapeXml = (text: string): string =>
  text
    .toWellFormed()
    .replace(/(?![\t\n\r])[\p{Cc}\uFFFE\uFFFF]/gu, '')
    .replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)

/** The dark runs of a row as a path: from where, how long, one high. */
const pathOf = (row: readonly boolean[], y: number): string =>
  [
    ...row
      .map((dark) => (dark ? '1' : '0'))
      .join('')
      .matchAll(/1+/g),
  ]
    .map((run) => `M${run.index} ${y}h${run[0].length}v1h-${run[0].length}z`)
    .join('')

export interface QrOptions {
  /** How much of the code may be lost: L 7%, M 15%, Q 25%, H 30%. */
  readonly ecc: 'L' | 'M' | 'Q' | 'H'
  /** What a screen reader says, and what shows beside a pointer. */
  readonly title: string
  /** The largest version it may take, 1 to 40. */
  readonly maxVersion?: number
}

/** What EPC069-12 asks of the code of a SEPA transfer: 15% may be lost, and version 13 at most. */
export const EPC_QR = { ecc: 'M', maxVersion: 13 } as const

/**
 * The text (in UTF-8) as an SVG with a white ground and the quiet zone, `viewBox` in modules.
 * Throws `RangeError` when the text is longer than the largest version holds.
 */
export function qrSvg(text: string, { ecc, title, maxVersion = 40 }: QrOptions): string {
  const { data, size } = encode(text.toWellFormed(), { ecc, boostEcc: false, maxVersion, border: QUIET_ZONE })
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" width="${size * MODULE_PX}" height="${size * MODULE_PX}" ` +
    `role="img" shape-rendering="crispEdges"><title>${escapeXml(title)}</title>` +
    `<path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${data.map(pathOf).join('')}"/></svg>`
  )
}
