// What a report is called: on its first page, and as a file.
import type { Span } from '../analytics/range.ts'
import type { ReportGroup, ReportType } from './sources.ts'
import { listed, spanText } from './words.ts'

const TITLE: Readonly<Record<ReportType, string>> = {
  expense_summary: 'Expense summary',
  group_statement: 'Group statement',
  settlement_statement: 'Settlement statement',
  tax_summary: 'Tax summary',
  member_statement: 'Member statement',
}

/** As many names of groups are told; of more, their number. */
const MOST_NAMES = 3

/** Which groups it is about: their names, or how many they are. */
export const groupsText = (groups: readonly Pick<ReportGroup, 'name'>[]): string =>
  groups.length > MOST_NAMES ? `${groups.length} groups` : listed(groups.map(({ name }) => name))

/** What kind of report it is, of whom, and of when: `Expense summary: Lisbon, January 2026`. */
export function reportTitle(type: ReportType, groups: readonly Pick<ReportGroup, 'name'>[], span: Span, member?: string): string {
  const about = [member, groupsText(groups), spanText(span)].filter((part) => part !== undefined && part !== '')
  return `${typeTitle(type)}: ${about.join(', ')}`
}

export const typeTitle = (type: ReportType): string => TITLE[type]

const LONGEST_NAME = 40

/** Letters with their accents taken off, digits and hyphens; empty where nothing of it is left. */
const plainName = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_NAME)
    .replaceAll(/^-+|-+$/g, '')

/**
 * A name that every file system takes: `expense-summary-lisbon-2026-01-01-to-2026-01-31.pdf`. A group whose name has no
 * Latin letter is left out of it, and so are the names of several.
 */
export function reportFileName(type: ReportType, groups: readonly Pick<ReportGroup, 'name'>[], { from, to }: Span, format: string): string {
  const [only] = groups.length === 1 ? groups : []
  const days = from === to ? from : `${from}-to-${to}`
  const parts = [plainName(type), plainName(only?.name ?? ''), days].filter((part) => part !== '')
  return `${parts.join('-')}.${plainName(format) || 'bin'}`
}
