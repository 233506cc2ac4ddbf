// Reports and exports: asked for, followed, fetched.
import { z } from 'zod'
import { signedIn, type Ctx } from '../context.ts'
import { rangeOf } from '../domain/analytics/range.ts'
import { EXPORT_FORMATS, REPORT_FORMATS, type Job, type MadeFile } from '../domain/job.ts'
import { REPORT_TYPES } from '../domain/report/sources.ts'
import { dayIn, SECOND } from '../domain/time.ts'
import { day, id, instant, instantOut } from '../http/fields.ts'
import { data, operation, user } from '../http/operation.ts'
import { valueOf } from '../services/command.ts'
import { createExport, exportIdOf, getExport, type ExportJob } from '../services/exports.ts'
import { fileLink } from '../services/files.ts'
import { generateReport, getReport, reportIdOf, type ReportJob } from '../services/reports.ts'
import { EXAMPLE_IDS } from './examples.ts'
import { percentOf } from './job-shapes.ts'
import { NO_FILTERS, reportFilters, reportFormat, reportOptions, reportType, requestOf, USUAL_OPTIONS } from './report-forms.ts'

const STATUSES = ['processing', 'completed', 'failed'] as const
/** What most of them take, to tell when to look again. */
const ESTIMATE_MS = 15 * SECOND

const FileFields = {
  status: z.enum(STATUSES),
  progress: z.int().min(0).max(100).meta({ description: 'Percent' }),
  estimated_completion: instantOut.nullable(),
  download_url: z.string().nullable().meta({ description: 'A link that needs no credentials, until expires_at' }),
  expires_at: instantOut.nullable(),
  file_name: z.string().nullable(),
  file_size: z.int().nullable().meta({ description: 'Bytes' }),
  sha256: z.string().nullable(),
  generated_at: instantOut.nullable(),
  error: z.string().nullable(),
}

const ReportOut = z
  .object({ report_id: z.string(), report_type: z.enum(REPORT_TYPES), format: z.enum(REPORT_FORMATS), ...FileFields })
  .meta({ id: 'Report' })
const ExportOut = z
  .object({ export_id: z.string(), group_id: z.string(), format: z.enum(EXPORT_FORMATS), ...FileFields })
  .meta({ id: 'Export' })

function fileOut(ctx: Ctx, job: Job<'report' | 'export'>) {
  const file: MadeFile | undefined = job.state === 'done' ? job.result : undefined
  const isOver = job.state === 'done' || job.state === 'failed'
  return {
    status: job.state === 'done' ? ('completed' as const) : job.state === 'failed' ? ('failed' as const) : ('processing' as const),
    progress: percentOf(job),
    estimated_completion: isOver ? null : instant(job.createdAt + ESTIMATE_MS),
    download_url: file === undefined || file.expiresAt <= ctx.now ? null : fileLink(ctx, file.key, file.expiresAt),
    expires_at: file === undefined ? null : instant(file.expiresAt),
    file_name: file?.name ?? null,
    file_size: file?.size ?? null,
    sha256: file?.sha256 ?? null,
    generated_at: job.finishedAt === undefined || file === undefined ? null : instant(job.finishedAt),
    error: job.state === 'failed' ? (job.error ?? '') : null,
  }
}

const reportOut = (ctx: Ctx, job: ReportJob): z.input<typeof ReportOut> => ({
  report_id: reportIdOf(job.id),
  report_type: job.input.type,
  format: job.input.format,
  ...fileOut(ctx, job),
})

const exportOut = (ctx: Ctx, job: ExportJob): z.input<typeof ExportOut> => ({
  export_id: exportIdOf(job.id),
  group_id: job.input.groupId,
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

const DONE = {
  status: 'completed',
  progress: 100,
  estimated_completion: null,
  expires_at: '2024-01-22T10:30:00.000Z',
  file_size: 2_457_600,
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  generated_at: '2024-01-15T10:32:00.000Z',
  error: null,
}
const NONE = { download_url: null, expires_at: null, file_name: null, file_size: null, sha256: null, generated_at: null, error: null }
const UNDER_WAY = { ...NONE, status: 'processing', progress: 0, estimated_completion: '2024-01-15T10:35:00.000Z' }
const REPORT = { report_id: 'rpt_01hm4z9v93f1a2b3c4d5e6f7g8', report_type: 'expense_summary', format: 'pdf' }
const EXPORT = { export_id: 'xpt_01hm4z9v94f1a2b3c4d5e6f7g8', group_id: EXAMPLE_IDS.group, format: 'zip' }
const LINK = 'https://quits.example/api/files/'
const SIGNED = '?expires=1705919400&signature=n2zPq8JjW6v3kq1w0m4b9yT5r7x2c8d1e6f3g0h5i4k'

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
  operation({
    id: 'createExport',
    on: 'POST /api/exports/',
    summary: 'Export a group',
    description:
      'Has everything of the group written out, deleted expenses included: csv and xlsx as tables of any length, with text that cannot turn into formulas; json as the lossless document; zip as that with the files and a manifest of their hashes. json and zip take at most 20,000 expenses. Your personal expenses where no group is named.',
    tag: 'Analytics',
    access: user('expenses:read'),
    limit: 'analytics',
    body: z
      .strictObject({ group_id: id('group').optional(), format: z.enum(EXPORT_FORMATS).meta({ example: 'zip' }) })
      .meta({ id: 'CreateExport' }),
    reply: data(202, ExportOut),
    fails: ['group.not_found', 'request.key_reused'],
    example: { body: { group_id: EXAMPLE_IDS.group, format: 'zip' }, reply: { ...EXPORT, ...UNDER_WAY } },
    run: async (ctx, { body: { group_id: groupId, format } }) =>
      exportOut(ctx, await createExport(ctx, { format, ...(groupId && { groupId }) })),
  }),
  operation({
    id: 'getExport',
    on: 'GET /api/exports/{export_id}/',
    summary: 'Get an export',
    description: 'How far it is, and when it is made a link to it that is good for seven days.',
    tag: 'Analytics',
    access: user('expenses:read'),
    limit: 'read',
    path: z.object({ export_id: id('export') }),
    reply: data(200, ExportOut),
    fails: ['export.not_found'],
    example: {
      reply: {
        ...EXPORT,
        ...DONE,
        download_url: `${LINK}exports/018d09f4-ec7f-8e2a-9a43-2f1f0c9f6a12${SIGNED}`,
        file_name: 'Project Team 2024-01-15.zip',
      },
    },
    run: async (ctx, { path }) => exportOut(ctx, await getExport(ctx, path.export_id)),
  }),
]
