// What a report is asked for with, at once or by a schedule.
import { z } from 'zod'
import { REPORT_FORMATS, type ReportRequest } from '../domain/job.ts'
import { GROUPINGS, REPORT_TYPES, type ReportOptions } from '../domain/report/sources.ts'
import { currency, id, memberRef } from '../http/fields.ts'
import type { ReportFilters } from '../services/report-schedules.ts'

export const reportType = z.enum(REPORT_TYPES).meta({ example: 'expense_summary' })
export const reportFormat = z.enum(REPORT_FORMATS).meta({ example: 'pdf' })

/** Of what; generateReport takes days beside it. */
export const reportFilters = z.strictObject({
  group_ids: z.array(id('group')).max(50).default([]).meta({ description: 'All of yours where there are none' }),
  category_ids: z
    .array(id('category'))
    .max(50)
    .default([])
    .meta({ description: 'Narrows down summaries; statements tell of everything, or their balances would not follow' }),
  member_id: memberRef.optional().meta({ description: 'Whose statement it is; yours when absent' }),
  currency: currency.optional(),
})
export const NO_FILTERS = { group_ids: [], category_ids: [] }

export const reportOptions = z.strictObject({
  include_charts: z.boolean().default(true),
  include_receipts: z.boolean().default(false).meta({ description: 'The files of its expenses as pages at the end of a PDF' }),
  group_by: z.enum(GROUPINGS).optional().meta({ example: 'category' }),
})
export const USUAL_OPTIONS = { include_charts: true, include_receipts: false }

export const filtersOf = ({ group_ids, category_ids, member_id, currency: code }: z.output<typeof reportFilters>): ReportFilters => ({
  groupIds: group_ids,
  categoryIds: category_ids,
  ...(code && { currency: code }),
  ...(member_id !== undefined && { member: member_id }),
})

export const optionsOf = ({ include_charts, include_receipts, group_by }: z.output<typeof reportOptions>): ReportOptions => ({
  includeCharts: include_charts,
  includeReceipts: include_receipts,
  ...(group_by && { groupBy: group_by }),
})

/** The report that a body asks for, but for its days. */
export const requestOf = (body: {
  readonly report_type: ReportRequest['type']
  readonly format: ReportRequest['format']
  readonly filters: z.output<typeof reportFilters>
  readonly options: z.output<typeof reportOptions>
}): ReportRequest => ({ type: body.report_type, format: body.format, ...filtersOf(body.filters), options: optionsOf(body.options) })
