// Files that hold several groups: an import takes one of them.
import { cut, oneLine } from '../one-line.ts'
import { errorAt, noticeAt, unreadable, type ImportDraft } from './draft.ts'

export interface Part {
  /** What its group is called. */
  readonly name: string
}

export interface TextPart extends Part {
  /** Its document. */
  readonly json: string
}

/** The documents of a bundle, in its order; undefined where the text is something else, which is for others to say. */
export function partsOfBundle(json: string): TextPart[] | undefined {
  if (!json.slice(0, 200_000).includes('quits-bundle') && !json.slice(-200_000).includes('quits-bundle')) return undefined
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return undefined
  }
  const { format, groups } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  if (format !== 'quits-bundle' || !Array.isArray(groups)) return undefined
  return groups.map((document: { group?: { name?: unknown } } | null, i) => {
    const name = document?.group?.name
    const said = typeof name === 'string' ? cut(oneLine(name.slice(0, 400)), 100) : ''
    return { name: said || `Group ${i + 1}`, json: JSON.stringify(document) }
  })
}

/** Which of the parts is taken, from 1: the first where nobody has said; undefined where there is none of that number. */
export const partIn = <T>(parts: readonly T[], said: number | undefined): T | undefined => parts[(said ?? 1) - 1]

/** What is to be said of a file with several groups, or with none of the number that was asked for. */
export function withParts(draft: ImportDraft | undefined, parts: readonly Part[], said: number | undefined): ImportDraft {
  const expected = parts
    .map(({ name }, i) => `${i + 1}: ${name}`)
    .join(', ')
    .slice(0, 300)
  if (draft === undefined) {
    const message = 'There is no group of this number in the file'
    return unreadable(
      'quits',
      errorAt('PART_MISSING', message, { column: 'part', expected: expected || 'a group', got: String(said ?? 1) }),
    )
  }
  if (said !== undefined || parts.length < 2) return draft
  const message = `The file holds ${parts.length} groups, and an import takes one: the first, unless part says which`
  return { ...draft, faults: [noticeAt('SEVERAL_GROUPS', message, { column: 'part', expected }), ...draft.faults] }
}
