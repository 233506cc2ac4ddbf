// A report as a document: what all types have in common around what each tells. Every table stands by itself, because
// spreadsheets take the tables alone.
import type { Document, Section } from '../document.ts'
import { isoOf } from '../time.ts'
import { contextOf, type Body, type Builder, type Context } from './context.ts'
import { remark } from './drafts.ts'
import { expenseSummary } from './expense-summary.ts'
import { groupStatement } from './group-statement.ts'
import { memberStatement } from './member-statement.ts'
import { settlementStatement } from './settlement-statement.ts'
import type { ReportOptions, ReportSources, ReportType } from './sources.ts'
import { taxSummary } from './tax-summary.ts'
import { groupsText, reportTitle, typeTitle } from './titles.ts'
import { countText, listed, spanText } from './words.ts'

const BUILDERS: Readonly<Record<ReportType, Builder>> = {
  expense_summary: expenseSummary,
  group_statement: groupStatement,
  settlement_statement: settlementStatement,
  tax_summary: taxSummary,
  member_statement: memberStatement,
}

/** Days are written as the English words of the report have them: `3 Jan 2026`. */
const DAY_FIRST = 'en-GB'

/**
 * The report that the sources are of. Amounts are exact decimals with their currency, and every row of totals is the sum of
 * its rows. Throws `RangeError` for a member statement that doesn't say of whom it is, and where a sum leaves the safe integers.
 */
export function reportDocument(sources: ReportSources, options: ReportOptions): Document {
  const context = contextOf(sources, options)
  const { figures, sections, meta = [] } = BUILDERS[sources.type](context)
  const { type, groups, span, madeAt, locale = DAY_FIRST, receipts } = sources
  const hasReceipts = options.includeReceipts && receipts.length > 0
  return {
    title: typeTitle(type),
    subtitle: subtitleOf(context),
    meta: [...factsOf(context), ...meta],
    figures,
    sections: [...sections, ...receiptSections(context)],
    footer: reportTitle(type, groups, span),
    madeAt,
    locale,
    ...(hasReceipts && { appendix: receipts }),
  }
}

const subtitleOf = ({ sources, nameOf }: Context): string => {
  const [member] = sources.type === 'member_statement' ? (sources.member ?? []) : []
  return [...(member === undefined ? [] : [nameOf(member)]), groupsText(sources.groups), spanText(sources.span)]
    .filter((part) => part !== '')
    .join(' · ')
}

function factsOf({ sources }: Context): Body['meta'] & object {
  const { groups, span, asker, madeAt, onlyCategories = [] } = sources
  return [
    { label: 'Period', value: span.from === span.to ? span.from : `${span.from} to ${span.to}` },
    { label: groups.length === 1 ? 'Group' : 'Groups', value: groups.length === 0 ? 'None' : listed(groups.map(({ name }) => name)) },
    { label: 'Made for', value: `${asker.name}, ${isoOf(madeAt).slice(0, 16).replace('T', ' ')} UTC` },
    ...(onlyCategories.length === 0 ? [] : [{ label: 'Only these categories', value: listed(onlyCategories) }]),
  ]
}

/** What there is of receipts at the end, and what is missing there. */
function receiptSections({ sources, options }: Context): Section[] {
  if (!options.includeReceipts) return []
  const { receipts, receiptsLeftOut = 0 } = sources
  if (receipts.length === 0 && receiptsLeftOut === 0) return [remark('No receipts are attached to these entries.')]
  const missing = receiptsLeftOut === 0 ? '' : ` ${countText(receiptsLeftOut, 'file')} had no room in this document.`
  return [remark(`${countText(receipts.length, 'receipt')} at the end of this document.${missing}`)]
}

/** The tables of a report, for a spreadsheet. */
export const tablesOf = (document: Document) => document.sections.flatMap((section) => (section.kind === 'table' ? [section.table] : []))
