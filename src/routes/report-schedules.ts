// Reports that are made again and again, and mailed.
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { REPORT_FORMATS } from '../domain/job.ts'
import { mapPage } from '../domain/page.ts'
import { CADENCES, LAST_OF_ALL_MONTHS, MAX_SCHEDULES, WEEKDAYS, type AskedRule } from '../domain/report/schedule.ts'
import { GROUPINGS, REPORT_TYPES } from '../domain/report/sources.ts'
import { dayOut, id, instant, instantOrNull, instantOut, line } from '../http/fields.ts'
import { data, list, nothing, operation, user, type Operation } from '../http/operation.ts'
import { pageFields, pageRequest } from '../http/pages.ts'
import {
  createReportSchedule,
  deleteReportSchedule,
  getReportSchedule,
  listReportSchedules,
  nextRunOn,
  updateReportSchedule,
  type ReportSchedule,
} from '../services/report-schedules.ts'
import { reportIdOf } from '../services/reports.ts'
import { EXAMPLE_IDS } from './examples.ts'
import {
  filtersOf,
  NO_FILTERS,
  optionsOf,
  reportFilters,
  reportFormat,
  reportOptions,
  reportType,
  requestOf,
  USUAL_OPTIONS,
} from './report-forms.ts'

const tag = 'Analytics'
const access = user('expenses:read')
const path = z.object({ schedule_id: id('schedule') })

const name = line(100).meta({ description: 'What its mails call it; the kind of report where empty', example: 'Rent and food' })
const frequency = z.enum(CADENCES).meta({ description: 'How often it is made', example: 'monthly' })
const weekday = z.enum(WEEKDAYS).meta({ description: 'With frequency weekly; monday when absent', example: 'monday' })
const dayOfMonth = z.union([z.int().min(1).max(LAST_OF_ALL_MONTHS), z.literal('last')]).meta({
  description:
    'With frequency monthly, quarterly or yearly, of the month, or of the first month of the quarter or year; 1 when absent. last: whatever number it has',
  example: 1,
})
const period = z.enum(CADENCES).meta({
  description: 'What it tells of: the last whole day, week from Monday, month, quarter or year before it is made. As frequency when absent',
  example: 'monthly',
})

const ScheduleOut = z
  .object({
    schedule_id: z.string(),
    name: z.string(),
    report_type: z.enum(REPORT_TYPES),
    format: z.enum(REPORT_FORMATS),
    filters: z.object({
      group_ids: z.array(z.string()),
      category_ids: z.array(z.string()),
      member_id: z.string().nullable(),
      currency: z.string().nullable(),
    }),
    options: z.object({ include_charts: z.boolean(), include_receipts: z.boolean(), group_by: z.enum(GROUPINGS).nullable() }),
    frequency: z.enum(CADENCES),
    weekday: z.enum(WEEKDAYS).nullable(),
    day_of_month: z.union([z.int(), z.literal('last')]).nullable(),
    period: z.enum(CADENCES),
    is_paused: z.boolean(),
    paused_at: instantOut.nullable(),
    paused_reason: z
      .enum(['owner', 'no_access'])
      .nullable()
      .meta({ description: 'no_access: you were no longer in one of its groups when it was to be made' }),
    next_run_on: dayOut.nullable().meta({
      description:
        'In the morning of that day, in the zone of your account; one that was missed comes today or tomorrow. null while paused',
    }),
    last_run_on: dayOut.nullable(),
    last_report_id: z.string().nullable().meta({ description: 'For getReport; null once that is forgotten, after 90 days' }),
    last_status: z.enum(['processing', 'completed', 'failed']).nullable(),
    last_error: z.string().nullable(),
    created_at: instantOut,
    updated_at: instantOut,
    version: z.int(),
  })
  .meta({ id: 'ReportSchedule' })

const STATUS = { queued: 'processing', running: 'processing', done: 'completed', failed: 'failed' } as const

function scheduleOut(ctx: Ctx, schedule: ReportSchedule): z.input<typeof ScheduleOut> {
  const { request, rule, last } = schedule
  const { groupIds, categoryIds, member = null, currency = null, options } = request
  return {
    schedule_id: schedule.id,
    name: schedule.name,
    report_type: request.type,
    format: request.format,
    filters: { group_ids: [...groupIds], category_ids: [...categoryIds], member_id: member, currency },
    options: { include_charts: options.includeCharts, include_receipts: options.includeReceipts, group_by: options.groupBy ?? null },
    frequency: rule.frequency,
    weekday: rule.frequency === 'weekly' ? rule.weekday : null,
    day_of_month: rule.frequency === 'daily' || rule.frequency === 'weekly' ? null : rule.dayOfMonth,
    period: rule.period,
    is_paused: schedule.pausedAt !== null,
    paused_at: instantOrNull(schedule.pausedAt),
    paused_reason: schedule.pausedReason,
    next_run_on: nextRunOn(ctx, schedule) ?? null,
    last_run_on: schedule.lastDay,
    last_report_id: last === null ? null : reportIdOf(last.id),
    last_status: last === null ? null : STATUS[last.state],
    last_error: last?.state === 'failed' ? last.error : null,
    created_at: instant(schedule.createdAt),
    updated_at: instant(schedule.updatedAt),
    version: schedule.version,
  }
}

const CreateIn = z
  .strictObject({
    name: name.default(''),
    report_type: reportType,
    format: reportFormat.default('pdf'),
    filters: reportFilters.default(NO_FILTERS),
    options: reportOptions.default(USUAL_OPTIONS),
    frequency,
    weekday: weekday.optional(),
    day_of_month: dayOfMonth.optional(),
    period: period.optional(),
  })
  .meta({ id: 'CreateReportSchedule' })

const UpdateIn = z
  .strictObject({
    name: name.optional(),
    report_type: reportType.optional(),
    format: reportFormat.optional(),
    filters: reportFilters.optional(),
    options: reportOptions.optional(),
    frequency: frequency.optional(),
    weekday: weekday.optional(),
    day_of_month: dayOfMonth.optional(),
    period: period.optional(),
    is_paused: z.boolean().optional(),
  })
  .refine((given) => Object.keys(given).length > 0, 'Say at least one field')
  .meta({ id: 'UpdateReportSchedule' })

/** What was said of the rule. */
const ruleOf = (body: Pick<z.output<typeof UpdateIn>, 'weekday' | 'day_of_month' | 'period'>): Omit<AskedRule, 'frequency'> => ({
  ...(body.weekday && { weekday: body.weekday }),
  ...(body.day_of_month !== undefined && { dayOfMonth: body.day_of_month }),
  ...(body.period && { period: body.period }),
})

const FILTERS = { group_ids: [EXAMPLE_IDS.group], category_ids: [], member_id: null, currency: null }
const EXAMPLE = {
  schedule_id: 'sch_01jd3k5m7n9pqrstvwxyz01234',
  name: 'Rent and food',
  report_type: 'expense_summary',
  format: 'pdf',
  filters: FILTERS,
  options: { include_charts: true, include_receipts: false, group_by: 'category' },
  frequency: 'monthly',
  weekday: null,
  day_of_month: 1,
  period: 'monthly',
  is_paused: false,
  paused_at: null,
  paused_reason: null,
  next_run_on: '2026-12-01',
  last_run_on: '2026-11-01',
  last_report_id: 'rpt_01jd3k5m7n9pqrstvwxyz01235',
  last_status: 'completed',
  last_error: null,
  created_at: '2026-10-20T10:30:00.000Z',
  updated_at: '2026-11-01T07:00:12.000Z',
  version: 2,
}
const NEW = {
  ...EXAMPLE,
  next_run_on: '2026-11-01',
  last_run_on: null,
  last_report_id: null,
  last_status: null,
  updated_at: EXAMPLE.created_at,
  version: 1,
}

export const reportSchedules: readonly Operation[] = [
  operation({
    id: 'createReportSchedule',
    on: 'POST /api/analytics/reports/schedules/',
    summary: 'Schedule a report',
    description: `Has a report made again and again, in your morning and from tomorrow on at the earliest, and mails you a link to each that is good for seven days (notification \`scheduled_report\`; a verified address only). A day on which nothing could be made is made up for once. While your account rests nothing is made. What is told is what you may see when it is made; where you are no longer in one of its groups the schedule is paused. An account has at most ${MAX_SCHEDULES} schedules.`,
    tag,
    access,
    limit: 'write',
    body: CreateIn,
    reply: data(201, ScheduleOut),
    fails: ['group.not_found', 'request.invalid', 'schedule.too_many'],
    example: {
      body: {
        name: EXAMPLE.name,
        report_type: 'expense_summary',
        format: 'pdf',
        filters: { group_ids: [EXAMPLE_IDS.group] },
        options: { include_charts: true, group_by: 'category' },
        frequency: 'monthly',
        day_of_month: 1,
      },
      reply: NEW,
    },
    run: async (ctx, { body }) =>
      scheduleOut(
        ctx,
        await createReportSchedule(ctx, {
          name: body.name,
          request: requestOf(body),
          rule: { frequency: body.frequency, ...ruleOf(body) },
        }),
      ),
  }),
  operation({
    id: 'listReportSchedules',
    on: 'GET /api/analytics/reports/schedules/',
    summary: 'List your scheduled reports',
    description: 'Your schedules, the newest first.',
    tag,
    access,
    limit: 'read',
    query: z.strictObject(pageFields),
    reply: list(ScheduleOut),
    fails: [],
    example: { reply: [EXAMPLE] },
    run: async (ctx, { query }) => mapPage(await listReportSchedules(ctx, pageRequest(query)), (one) => scheduleOut(ctx, one)),
  }),
  operation({
    id: 'getReportSchedule',
    on: 'GET /api/analytics/reports/schedules/{schedule_id}/',
    summary: 'Get a scheduled report',
    description: 'What is made when, when it is made next, and what became of the last one.',
    tag,
    access,
    limit: 'read',
    path,
    reply: data(200, ScheduleOut),
    fails: ['schedule.not_found'],
    example: { reply: EXAMPLE },
    run: async (ctx, { path: p }) => scheduleOut(ctx, await getReportSchedule(ctx, p.schedule_id)),
  }),
  operation({
    id: 'updateReportSchedule',
    on: 'PATCH /api/analytics/reports/schedules/{schedule_id}/',
    summary: 'Change a scheduled report',
    description:
      'Changes what is sent and keeps the rest; filters and options are taken as a whole, and another frequency begins with its own defaults. `is_paused: true` rests it, and `false` lets it go on: from tomorrow at the earliest, without what was missed.',
    tag,
    access,
    limit: 'write',
    path,
    body: UpdateIn,
    reply: data(200, ScheduleOut),
    fails: ['schedule.not_found', 'group.not_found', 'request.invalid', 'request.stale', 'service.busy'],
    example: {
      body: { frequency: 'weekly', weekday: 'friday' },
      reply: {
        ...EXAMPLE,
        frequency: 'weekly',
        weekday: 'friday',
        day_of_month: null,
        period: 'weekly',
        next_run_on: '2026-11-27',
        version: 3,
      },
    },
    current: async (ctx, { path: p }) => scheduleOut(ctx, await getReportSchedule(ctx, p.schedule_id)),
    run: async (ctx, { path: p, body }) =>
      scheduleOut(
        ctx,
        await updateReportSchedule(ctx, p.schedule_id, {
          ...(body.name !== undefined && { name: body.name }),
          ...(body.is_paused !== undefined && { isPaused: body.is_paused }),
          ...(body.filters && { filters: filtersOf(body.filters) }),
          request: {
            ...(body.report_type && { type: body.report_type }),
            ...(body.format && { format: body.format }),
            ...(body.options && { options: optionsOf(body.options) }),
          },
          rule: { ...(body.frequency && { frequency: body.frequency }), ...ruleOf(body) },
        }),
      ),
  }),
  operation({
    id: 'deleteReportSchedule',
    on: 'DELETE /api/analytics/reports/schedules/{schedule_id}/',
    summary: 'Delete a scheduled report',
    description: 'Nothing more is made. Reports that it has made stay for as long as their links are good.',
    tag,
    access,
    limit: 'write',
    path,
    reply: nothing,
    fails: ['schedule.not_found'],
    example: {},
    run: (ctx, { path: p }) => deleteReportSchedule(ctx, p.schedule_id),
  }),
]
