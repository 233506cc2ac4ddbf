// PNG (W3C, third edition) as its chunks. Kept are the ones a decoder must know and those about colour and
// transparency; texts, times, EXIF, animations and private chunks go.
import { asciiAt, concat, sizeRefusal, sliceOf, viewOf, type Cleaned, type Dimensions } from './bytes.ts'
import { err, ok } from '../result.ts'

const SIGNATURE_BYTES = 8
/** Length and name before the data, a checksum after it. */
const [HEAD_BYTES, CHECKSUM_BYTES] = [8, 4]
const KEPT = new Set(['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'cHRM', 'gAMA', 'iCCP', 'sBIT', 'sRGB', 'cICP', 'bKGD', 'pHYs'])
const isCritical = (name: string): boolean => /^[A-Z]/.test(name)

/** The PNG without its metadata and whatever follows its end. */
export function cleanPng(bytes: Uint8Array): Cleaned {
  const view = viewOf(bytes)
  const parts: Uint8Array[] = [sliceOf(bytes, 0, SIGNATURE_BYTES)]
  let size: Dimensions | undefined
  let hasData = false
  for (let at = SIGNATURE_BYTES; ;) {
    const length = view.getUint32(at)
    const name = asciiAt(bytes, at + 4, 4)
    const end = at + HEAD_BYTES + length + CHECKSUM_BYTES
    const chunk = sliceOf(bytes, at, end)
    if (!/^[A-Za-z]{4}$/.test(name) || (name === 'IHDR') !== (size === undefined)) return err('The file is not a well-formed PNG')
    if (name === 'IHDR') {
      if (length !== 13) return err('The file is not a well-formed PNG')
      size = { width: view.getUint32(at + HEAD_BYTES), height: view.getUint32(at + HEAD_BYTES + 4) }
      const refusal = sizeRefusal(size)
      if (refusal !== undefined) return err(refusal)
    }
    if (isCritical(name) && !KEPT.has(name)) return err('The file is not a well-formed PNG')
    if (KEPT.has(name)) parts.push(chunk)
    if (name === 'IDAT') hasData = true
    if (name === 'IEND') break
    at = end
  }
  if (size === undefined || !hasData) return err('The file holds no image')
  return ok({ ...size, bytes: concat(parts) })
}
