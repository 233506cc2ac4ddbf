// What is done to a picture while an upload waits for it. It must not stand in line behind readings, which take seconds
// each, and mostly need not, because JPEG and PNG are taken a few rows at a time.
import { sniff } from '../domain/images/images.ts'
import { oneAtATime, turnstile } from '../platform/turnstile.ts'

const beside = turnstile()

/** Where PNG says that its rows come in passes. */
const INTERLACE_AT = 28
/** The frame stands before the first scan; what comes before it is seldom more. */
const HEAD_BYTES = 128 * 1024

/** Whether a JPEG says that it is progressive; what only looks like its marker makes it wait for nothing worse than its turn. */
function isProgressive(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, HEAD_BYTES)
  return head.some((byte, i) => byte === 0xff && head[i + 1] === 0xc2)
}

/** Whether all of the picture has to be held at once, which is too much beside an engine. */
function isHeldWhole(bytes: Uint8Array): boolean {
  const type = sniff(bytes)
  if (type === 'image/jpeg') return isProgressive(bytes)
  return type !== 'image/png' || bytes[INTERLACE_AT] !== 0
}

export const lightly = <T>(bytes: Uint8Array, work: () => Promise<T>): Promise<T> => (isHeldWhole(bytes) ? oneAtATime(work) : beside(work))
