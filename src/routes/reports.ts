// Reports: asked for, followed, fetched.
import { z } from 'zod'
import { signedIn, type Ctx } from '../context.ts'
import { rangeOf } from '../domain/analytics/range.ts'
import { REPORT_FORMATS } from '../domain/job.ts'
import { REPORT_TYPES } from '../domain/report/sources.ts'
import { dayIn } from '../domain/time.ts'
import { day, id } from '../http/fields.ts'
import { data, operation, user } from '../http/operation.ts'
import { valueOf } from '../services/command.ts'
import { generateReport, getReport, reportIdOf, type ReportJob } from '../services/reports.ts'
import { EXAMPLE_IDS } from './examples.ts'
import { DONE, FileFields, fileOut, LINK, SIGNED, UNDER_WAY } from './made-file-shapes.ts'
import { NO_FILTERS, reportFilters, reportFormat, reportOptions, reportType, requestOf, USUAL_OPTIONS } from './report-forms.ts'

const ReportOut = z
  .object({ report_id: z.string(), report_type: z.enum(REPORT_TYPES), format: z.enum(REPORT_FORMATS), ...FileFields })
  .meta({ id: 'Report' })

const reportOut = (ctx: Ctx, job: ReportJob): z.input<typeof ReportOut> => ({
  report_id: reportIdOf(job.id),
  report_type: job.input.type,
  format: job.input.format,
  ...fileOut(ctx, job),
})

const GenerateIn = z
  .strictObject({
    report_type: reportType,
    format: reportFormat.default('pdf'),
    filters: z
      .strictObject({
        date_from: day.optional().meta({ description: 'This month without dates' }),
        date_to: day.optional(),
        ...reportFilters.shape,
      })
      .default(NO_FILTERS),
    options: reportOptions.default(USUAL_OPTIONS),
  })
  .meta({ id: 'GenerateReport' })

const REPORT = { report_id: 'rpt_01hm4z9v93f1a2b3c4d5e6f7g8', report_type: 'expense_summary', format: 'pdf' }

export const reports = [
  operation({
    id: 'generateReport',
    on: 'POST /api/analytics/reports/generate/',
    summary: 'Generate a report',
    description:
      'Has a report made: as PDF with figures, charts and tables, or its tables as XLSX or CSV, or the whole as JSON. At most 10,000 expenses. Follow it by getReport, or by job_update on the socket. What is told is what you may see when it is made.',
    tag: 'Analytics',
    access: user('expenses:read'),
    limit: 'analytics',
    body: GenerateIn,
    reply: data(202, ReportOut),
    fails: ['group.not_found', 'request.invalid', 'request.key_reused'],
    example: {
      body: {
        report_type: 'expense_summary',
        format: 'pdf',
        filters: { date_from: '2024-01-01', date_to: '2024-01-31', group_ids: [EXAMPLE_IDS.group], category_ids: [EXAMPLE_IDS.category] },
        options: { include_charts: true, include_receipts: false, group_by: 'category' },
      },
      reply: { ...REPORT, ...UNDER_WAY },
    },
    run: async (ctx, { body }) => {
      const { date_from: from, date_to: to } = body.filters
      const range = valueOf(rangeOf({ ...(from && { from }), ...(to && { to }) }, dayIn(signedIn(ctx).timezone, ctx.now)))
      const job = await generateReport(ctx, { ...requestOf(body), span: { from: range.from, to: range.to } })
      return reportOut(ctx, job)
    },
  }),
  operation({
    id: 'getReport',
    on: 'GET /api/analytics/reports/{report_id}/',
    summary: 'Get a report',
    description: 'How far it is, and when it is made a link to it that is good for seven days.',
    tag: 'Analytics',
    access: user('expenses:read'),
    limit: 'read',
    path: z.object({ report_id: id('report') }),
    reply: data(200, ReportOut),
    fails: ['report.not_found'],
    example: {
      reply: {
        ...REPORT,
        ...DONE,
        download_url: `${LINK}reports/018d09f4-ec7f-8e2a-9a43-2f1f0c9f6a11${SIGNED}`,
        file_name: 'expense-summary-2024-01.pdf',
      },
    },
    run: async (ctx, { path }) => reportOut(ctx, await getReport(ctx, path.report_id)),
  }),
]
