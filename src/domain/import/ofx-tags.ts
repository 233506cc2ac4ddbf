// The tags of an OFX file and the text behind each: enough of SGML and XML to read a statement, and nothing that costs
// more than one look at each character. Declarations are skipped, so a document can define no entities.
import { errorAt, noticeAt, type Fault } from './draft.ts'

export interface Tag {
  /** In capitals. */
  readonly name: string
  /** The text up to the next tag, trimmed; empty for aggregates and end tags. */
  readonly value: string
  readonly isEnd: boolean
  readonly line: number
}

/** Beyond this a file is no statement of a bank. */
export const MAX_BANK_TEXT = 32_000_000
const LONGEST_NAME = 64
const LONGEST_VALUE = 2000

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

/** The five entities of XML, the no-break space and numbered characters; anything else stays as it is written. */
const decodeEntities = (text: string): string =>
  text.includes('&')
    ? text.replace(/&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|([a-z]{2,4}));/g, (all, decimal: string, hex: string, name: string) => {
        if (name !== undefined) return ENTITIES[name] ?? all
        const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
        return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : all
      })
    : text

/** Gives the tags in order. What is no tag is text: `AT&T <3` is a name. */
export function* scanTags(text: string, faults: Fault[]): Generator<Tag> {
  if (text.length > MAX_BANK_TEXT) {
    faults.push(
      errorAt('TOO_LARGE', 'The file is larger than a bank file is', {
        expected: `at most ${MAX_BANK_TEXT} characters`,
        got: String(text.length),
      }),
    )
    return
  }
  let line = 1
  let counted = 0
  let at = text.indexOf('<')
  while (at >= 0) {
    const special = text[at + 1] === '!' || text[at + 1] === '?'
    if (special) {
      const end = endOfSpecial(text, at, faults)
      at = end < 0 ? -1 : text.indexOf('<', end)
      continue
    }
    const tag = tagAt(text, at)
    if (tag === undefined) {
      at = text.indexOf('<', at + 1)
      continue
    }
    for (; counted < at; counted++) if (text[counted] === '\n') line++
    const { value, next } = tag.isEnd ? { value: '', next: text.indexOf('<', tag.end) } : valueFrom(text, tag.end)
    yield { name: tag.name, isEnd: tag.isEnd, value, line }
    at = next
  }
}

function tagAt(text: string, at: number): { name: string; isEnd: boolean; end: number } | undefined {
  const [all, slash, name] = /^<(\/?)([A-Za-z][A-Za-z\d._]*)(?:\s[^<>]{0,200})?\/?>/.exec(text.slice(at, at + LONGEST_NAME + 220)) ?? []
  if (all === undefined || name === undefined || name.length > LONGEST_NAME) return undefined
  return { name: name.toUpperCase(), isEnd: slash === '/', end: at + all.length }
}

/** The text up to the next tag; a `<` that begins none belongs to it, and a CDATA section is taken as it is. */
function valueFrom(text: string, from: number): { value: string; next: number } {
  let next = text.indexOf('<', from)
  let value = decodeEntities(text.slice(from, next < 0 ? from + LONGEST_VALUE : Math.min(next, from + LONGEST_VALUE)))
  for (let parts = 0; next >= 0 && parts < 20; parts++) {
    if (text.startsWith('<![CDATA[', next)) {
      const end = text.indexOf(']]>', next)
      if (end < 0) break
      value += text.slice(next + 9, Math.min(end, next + 9 + LONGEST_VALUE))
      next = text.indexOf('<', end)
    } else if (/^<[A-Za-z/!?]/.test(text.slice(next, next + 2))) break
    else {
      const after = text.indexOf('<', next + 1)
      value += decodeEntities(text.slice(next, after < 0 ? next + LONGEST_VALUE : Math.min(after, next + LONGEST_VALUE)))
      next = after
    }
  }
  return { value: value.slice(0, LONGEST_VALUE).trim(), next }
}

/** Where a comment, a processing instruction or a declaration ends. One with entities is told, and skipped like the others. */
function endOfSpecial(text: string, at: number, faults: Fault[]): number {
  if (text.startsWith('<!--', at)) return after(text, '-->', at)
  if (text.startsWith('<?', at)) return after(text, '>', at)
  if (text.startsWith('<![CDATA[', at)) return after(text, ']]>', at)
  const end = text.indexOf('>', at)
  if (end < 0 || !text.slice(at, end).includes('[')) return after(text, '>', at)
  faults.push(noticeAt('DECLARATIONS_IGNORED', 'The file declares its own entities; they are not expanded'))
  return after(text, ']', at)
}

function after(text: string, end: string, from: number): number {
  const at = text.indexOf(end, from)
  return at < 0 ? -1 : at + end.length
}
