// Bank files, told apart by what they begin with.
import { errorAt, unreadable, type ImportDraft } from './draft.ts'
import { readOfx } from './ofx.ts'
import { readQif, type QifContext } from './qif.ts'

/** Which format the text begins like; `undefined` for neither. */
export function bankFormatOf(text: string): 'ofx' | 'qif' | undefined {
  const head = text.slice(0, 4000)
  if (/OFXHEADER|<OFX>/i.test(head)) return 'ofx'
  return /^\uFEFF?\s{0,100}!(?:type|account|option|clear)/i.test(head) ? 'qif' : undefined
}

/** Reads an OFX or QIF file. It never throws: what is wrong is in the draft's faults. */
export function readBank(text: string, context: QifContext): ImportDraft {
  switch (bankFormatOf(text)) {
    case 'ofx':
      return readOfx(text, context)
    case 'qif':
      return readQif(text, context)
    case undefined: {
      const where = { row: 1, expected: 'OFX (<OFX>) or QIF (!Type:Bank)', got: text.slice(0, 100) }
      return unreadable('ofx', errorAt('NOT_A_BANK_FILE', 'This is neither an OFX nor a QIF file', where))
    }
  }
}
