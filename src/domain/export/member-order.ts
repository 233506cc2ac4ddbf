// The order of a document's members, which follows from its content. Members of one name are told apart by the records that
// name them; those are held as short texts, and no more of them than fit beside a job that writes.
import { byCodeUnits, keyText, membersIn, renameRecord, type ExportRecord } from './canonical.ts'
import type { ExportMember, MemberKey } from './document.ts'

type Ranks = Map<MemberKey, number>

/** How often tied members are looked at, times how many they are: keeps comparing below some seconds. */
const MOST_WORK = 200_000
/** The characters of all looks at them: two people of one name are told apart by what some 12,000 expenses say of them. */
const MOST_CHARACTERS = 16_000_000

/** Members go by their place in the list where records are held, all in the same number of characters. */
const placeText = (place: number): string => String(place).padStart(4, '0')

/**
 * Ranks members by name, then by address, then by whether they have left. Those of one name are ranked by the records that
 * name them, again and again until nothing changes (colour refinement after Weisfeiler and Leman); where that leaves members
 * alike the first is set apart and the rest follows, because then either choice gives the same document. A crowd of one
 * name about which there is too much stays in the order it came in, which is that of the document where they were imported from one.
 */
export class MemberOrder {
  readonly #members: readonly ExportMember[]
  readonly #places: ReadonlyMap<MemberKey, number>
  readonly #byName: Ranks
  readonly #tied: ReadonlySet<MemberKey>
  #held: string[] = []
  #views = 0
  #characters = 0
  #isTooMuch = false

  constructor(members: readonly ExportMember[]) {
    this.#members = members
    this.#places = new Map(members.map(({ id }, place) => [id, place]))
    this.#byName = ranksBy(
      members.map(({ id, name, email, has_left }) => ({ id, key: keyText([name, email ?? '', has_left ?? false]) })),
      (a, b) => byCodeUnits(a.key, b.key),
    )
    this.#tied = tiedIn(this.#byName)
  }

  /** Whether there are members of one name, so that every record has to be noted before they are ranked. */
  get needsRecords(): boolean {
    return this.#tied.size > 0 && !this.#isTooMuch
  }

  note(record: ExportRecord): void {
    if (!this.needsRecords) return
    const views = [...membersIn(record)].filter((member) => this.#tied.has(member)).length
    if (views === 0) return
    const text = keyText({ ...renameRecord(record, (member) => placeText(this.#places.get(member) ?? -1)), id: '' })
    this.#views += views
    this.#characters += views * text.length
    this.#isTooMuch = this.#views * this.#tied.size > MOST_WORK || this.#characters > MOST_CHARACTERS
    if (this.#isTooMuch) this.#held = []
    else this.#held.push(text)
  }

  /** The members in their order. */
  ranked(): ExportMember[] {
    const ranks = this.#isTooMuch ? this.#byName : this.#refined()
    return this.#members.toSorted((a, b) => (ranks.get(a.id) ?? 0) - (ranks.get(b.id) ?? 0))
  }

  #refined(): Ranks {
    let ranks = this.#byName
    const isDone = (): boolean => new Set(ranks.values()).size === this.#members.length
    for (let round = 0; round < 2 * this.#members.length && !isDone(); round++) {
      const before = new Set(ranks.values()).size
      ranks = this.#refine(ranks)
      if (new Set(ranks.values()).size > before) continue
      setOneApart(ranks)
    }
    return ranks
  }

  /** Ranks each member by what the records look like to them, others being named by their ranks. */
  #refine(ranks: Ranks): Ranks {
    const views = new Map([...tiedIn(ranks)].map((member) => [member, [] as string[]]))
    const memberAt = (place: string): MemberKey => this.#members[Number(place)]?.id ?? ''
    for (const text of this.#held) {
      const record = JSON.parse(text) as ExportRecord
      for (const at of membersIn(record)) {
        const view = views.get(memberAt(at))
        view?.push(keyText(renameRecord(record, (place) => (place === at ? 'self' : String(ranks.get(memberAt(place)))))))
      }
    }
    const looks = this.#members.map(({ id }) => ({ id, rank: ranks.get(id) ?? 0, views: views.get(id)?.sort(byCodeUnits) ?? [] }))
    return ranksBy(looks, (a, b) => a.rank - b.rank || compareViews(a.views, b.views))
  }
}

/** As the JSON texts of both lists would compare, which are too long to be made. */
function compareViews(a: readonly string[], b: readonly string[]): number {
  for (const [i, view] of a.entries()) {
    const other = b[i]
    // After a last entry comes a bracket, which is behind the comma.
    if (other === undefined) return -1
    if (view !== other) return byCodeUnits(JSON.stringify(view), JSON.stringify(other))
  }
  return a.length < b.length ? 1 : 0
}

/** The members whose rank is somebody else's too. */
function tiedIn(ranks: ReadonlyMap<MemberKey, number>): Set<MemberKey> {
  const counts = new Map<number, number>()
  for (const rank of ranks.values()) counts.set(rank, (counts.get(rank) ?? 0) + 1)
  return new Set([...ranks].flatMap(([member, rank]) => ((counts.get(rank) ?? 0) > 1 ? [member] : [])))
}

/** Puts the first of the first members that are still alike before the others. */
function setOneApart(ranks: Ranks): void {
  const tied = [...tiedIn(ranks)].map((member) => ({ member, rank: ranks.get(member) ?? 0 }))
  const least = Math.min(...tied.map(({ rank }) => rank))
  const first = tied.find(({ rank }) => rank === least)
  if (first !== undefined) ranks.set(first.member, least - 0.5)
}

/** Ranks from 1 on; what compares as equal has equal ranks. They come in the order of the list, so that the first of a tie is the first of the list. */
function ranksBy<T extends { readonly id: MemberKey }>(all: readonly T[], compare: (a: T, b: T) => number): Ranks {
  const sorted = all.toSorted(compare)
  const ranks: Ranks = new Map()
  let rank = 0
  for (const [i, one] of sorted.entries()) {
    const before = sorted[i - 1]
    if (before === undefined || compare(before, one) !== 0) rank++
    ranks.set(one.id, rank)
  }
  return new Map(all.map(({ id }) => [id, ranks.get(id) ?? 0]))
}
