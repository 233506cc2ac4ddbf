// Everything of a person as one document, version 1: what they said of themselves, and the lossless document of each of their
// groups. It is canonical JSON as a whole, so the canonical text of each of its groups is that group's own document.
import { canonicalFrame } from './canonical.ts'

const FORMAT = 'quits-bundle'
const VERSION = 1

/** The text of the bundle before its first group and after its last, which stand in it as entries of a list. */
export function bundleFrame(profile: object): { readonly head: string; readonly tail: string } {
  const [head = '', tail = ''] = canonicalFrame({ format: FORMAT, version: VERSION, profile, groups: [] }, 'groups')
  return { head, tail }
}

const LONGEST_NAME = 80

/** A name as a folder, on every system. */
function folderOf(name: string): string {
  const plain = name
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(/[\\/:*?"<>|\p{Cc}\p{Cf}]/gu, ' ')
  const short = Array.from(plain.trim()).slice(0, LONGEST_NAME).join('')
  return short.replaceAll(/\s+/g, ' ').replaceAll(/^[. ]+|[. ]+$/g, '') || 'group'
}

/** A folder for each name, in the order of the names: the first of `Flat`, `Flat (2)`, … that is not taken. Capitals make no difference. */
export function foldersOf(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    const folder = folderOf(name)
    for (let n = 1; ; n++) {
      const wanted = n === 1 ? folder : `${folder} (${n})`
      if (taken.has(wanted.toLowerCase())) continue
      taken.add(wanted.toLowerCase())
      return `groups/${wanted}`
    }
  })
}
