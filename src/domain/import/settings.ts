// What somebody says about a file before it is imported. Nothing of it is needed: where they say nothing, the file decides.
import type { Currency } from '../currency.ts'
import type { GroupType, MemberRef } from '../group.ts'
import type { Id } from '../ids.ts'
import type { DayOrder } from './days.ts'
import type { PersonRef, Source } from './draft.ts'
import type { TableMapping } from './table-mapping.ts'
import type { TableField } from './table-words.ts'

/** Who a person of the file is: a member of the group, or `me` for whoever imports, or somebody new. */
export type PersonChoice = { readonly member: MemberRef } | { readonly name: string }

export interface ImportSettings {
  /** How to read it, where its content is not to decide. */
  readonly source?: Source
  /** Which group of a file that holds several, from 1. */
  readonly part?: number
  /** Of amounts that don't say theirs. */
  readonly currency?: Currency
  readonly people?: Readonly<Record<PersonRef, PersonChoice>>
  /** Of a table: which column each field is in, from 0; `null` for none. */
  readonly columns?: { readonly [K in TableField]?: number | null }
  /** The row of the headings, from 0; `null` for none. */
  readonly headingRow?: number | null
  readonly dates?: 'auto' | DayOrder
  readonly decimals?: TableMapping['decimals']
  readonly sign?: TableMapping['sign']
  /** What becomes of a line where the group has an expense of that day and amount already; left out unless it says otherwise. */
  readonly duplicates?: 'skip' | 'add'
  /** Lines by their number in the file's order, from 1: left out, or taken although they look like a duplicate. */
  readonly exclude?: readonly number[]
  readonly include?: readonly number[]
  /** Of the group that is made for it. */
  readonly group?: { readonly name?: string; readonly currency?: Currency; readonly type?: GroupType }
}

/** A refusal of the group to take one line. */
export interface RefusedLine {
  readonly number: number
  readonly title: string
  readonly code: string
  readonly message: string
}

/** What came of an import, and of taking it back. */
export interface ImportResult {
  readonly expenses: number
  readonly settlements: number
  /** Lines that were there already, or were left out. */
  readonly skipped: number
  readonly refused: number
  /** The first of them. */
  readonly refusals: readonly RefusedLine[]
  /** The members that were made for it. */
  readonly guests: readonly Id<'member'>[]
  readonly undone?: { readonly records: number; readonly kept: number }
}

/** What has come of one that has only begun. */
export const NOTHING_YET: ImportResult = { expenses: 0, settlements: 0, skipped: 0, refused: 0, refusals: [], guests: [] }
