// Analytics: summary, trends, categories, merchants, members and insights.
import { z } from 'zod'
import { id } from '../http/fields.ts'
import { data, operation, raw, user } from '../http/operation.ts'
import { getCategoryBreakdown, getInsights, getMemberFigures, getMerchants, getSummary, getTrends } from '../services/analytics.ts'
import { CHARTS, getChart } from '../services/charts.ts'
import {
  askedIn,
  bucketField,
  CategoriesOut,
  categoriesOut,
  InsightsOut,
  insightsOut,
  kindField,
  MembersOut,
  membersOut,
  MerchantsOut,
  merchantsOut,
  rangeFields,
  SummaryOut,
  summaryOut,
  TrendsOut,
  trendsOut,
} from './analytics-shapes.ts'
import { EXAMPLE_IDS } from './examples.ts'

const tag = 'Analytics'
const access = user('expenses:read')
const limit = 'analytics'
const fails = ['group.not_found', 'request.invalid'] as const
const pixels = z.coerce.number().int().min(80).max(4000).meta({ description: 'Pixels', example: 800 })
const JANUARY = { from: '2024-01-01', to: '2024-01-31' }
const FLOW = { total_income: '3000.00', income_count: 1, net: '654.33', saved_percentage: 21.8 }

export const analytics = [
  operation({
    id: 'getSummary',
    on: 'GET /api/analytics/summary/',
    summary: 'Get a summary',
    description:
      'What was spent and earned, against the same before, and where most of it went. Without group_id it is your own part in all your groups. Foreign amounts are shown at the rate of the first of their month. Without dates it is this month.',
    tag,
    access,
    limit,
    query: z.strictObject(rangeFields),
    reply: data(200, SummaryOut),
    fails,
    example: {
      reply: {
        period: 'monthly',
        date_range: JANUARY,
        summary: {
          total_expenses: '2345.67',
          expense_count: 45,
          average_expense: '52.13',
          average_daily: '75.67',
          currency: 'USD',
          ...FLOW,
        },
        comparison: {
          previous_period: {
            from: '2023-12-01',
            to: '2023-12-31',
            total_expenses: '1890.23',
            expense_count: 39,
            change_percentage: 24.1,
            income_change_percentage: 0,
            net_change_percentage: -41,
            ...FLOW,
            net: '1109.77',
            saved_percentage: 37,
          },
        },
        top_categories: [
          { category_id: 'cat_00000000000000000000000100', category: 'Food & Dining', amount: '890.12', percentage: 38, count: 23 },
          { category_id: 'cat_00000000000000000000000200', category: 'Transportation', amount: '456.78', percentage: 19.5, count: 12 },
        ],
        unconverted: [],
      },
    },
    run: async (ctx, { query }) => summaryOut(await getSummary(ctx, askedIn(query))),
  }),
  operation({
    id: 'getTrends',
    on: 'GET /api/analytics/trends/',
    summary: 'Get spending trends',
    description:
      'How it went by day, week, month, quarter or year, empty ones included, with the peak and where the line through them is heading.',
    tag,
    access,
    limit,
    query: z.strictObject({
      ...rangeFields,
      bucket: bucketField,
      kind: kindField,
      category_id: id('category').optional().meta({ description: 'With those below it' }),
    }),
    reply: data(200, TrendsOut),
    fails,
    example: {
      reply: {
        date_range: { from: '2024-01-01', to: '2024-01-02' },
        bucket: 'day',
        currency: 'USD',
        trends: [
          {
            date: '2024-01-01',
            name: '2024-01-01',
            amount: '234.56',
            expense_count: 5,
            income: '0.00',
            net: '-234.56',
            change_percentage: null,
          },
          {
            date: '2024-01-02',
            name: '2024-01-02',
            amount: '123.45',
            expense_count: 3,
            income: '0.00',
            net: '-123.45',
            change_percentage: -47.4,
          },
        ],
        statistics: {
          total: '358.01',
          count: 8,
          average_daily: '179.01',
          peak_day: '2024-01-01',
          peak_amount: '234.56',
          trend_direction: 'decreasing',
          trend_percentage: -62.1,
        },
        unconverted: [],
      },
    },
    run: async (ctx, { query }) => {
      const { bucket, kind, category_id: categoryId } = query
      return trendsOut(await getTrends(ctx, { ...askedIn(query), kind, ...(bucket && { bucket }), ...(categoryId && { categoryId }) }))
    },
  }),
  operation({
    id: 'getCategoryBreakdown',
    on: 'GET /api/analytics/categories/',
    summary: 'Get a breakdown by category',
    description:
      'The tree of categories with what lies under each, and what has none. An expense counts under the first of its categories. The amounts sum to the total.',
    tag,
    access,
    limit,
    query: z.strictObject({ ...rangeFields, kind: kindField }),
    reply: data(200, CategoriesOut),
    fails,
    example: {
      reply: {
        date_range: JANUARY,
        currency: 'USD',
        total: '1013.57',
        categories: [
          {
            id: 'cat_00000000000000000000000100',
            name: 'Food & Dining',
            amount: '890.12',
            percentage: 87.8,
            expense_count: 23,
            average_expense: '38.70',
            direct: { amount: '0.00', percentage: 0, expense_count: 0 },
            subcategories: [
              {
                id: EXAMPLE_IDS.category,
                name: 'Restaurants',
                amount: '567.89',
                percentage: 63.8,
                expense_count: 14,
                average_expense: '40.56',
              },
              {
                id: 'cat_00000000000000000000000102',
                name: 'Groceries',
                amount: '322.23',
                percentage: 36.2,
                expense_count: 9,
                average_expense: '35.80',
              },
            ],
          },
        ],
        uncategorized: { amount: '123.45', percentage: 12.2, expense_count: 3 },
        unconverted: [],
      },
    },
    run: async (ctx, { query }) => categoriesOut(await getCategoryBreakdown(ctx, { ...askedIn(query), kind: query.kind })),
  }),
  operation({
    id: 'getMerchants',
    on: 'GET /api/analytics/merchants/',
    summary: 'Get a breakdown by merchant',
    description:
      'What went to which vendor, the first hundred. A vendor is one whatever way the name is written. They are told for whole months.',
    tag,
    access,
    limit,
    query: z.strictObject({
      ...rangeFields,
      kind: kindField,
      sort: z.enum(['amount', 'count']).default('amount').meta({ example: 'amount' }),
    }),
    reply: data(200, MerchantsOut),
    fails,
    example: {
      reply: {
        date_range: JANUARY,
        is_widened: false,
        currency: 'USD',
        total: '250.00',
        merchants: [{ name: "Luigi's Restaurant", amount: '250.00', percentage: 100, expense_count: 1, average_expense: '250.00' }],
        unconverted: [],
      },
    },
    run: async (ctx, { query }) => merchantsOut(await getMerchants(ctx, { ...askedIn(query), kind: query.kind, by: query.sort })),
  }),
  operation({
    id: 'getMemberFigures',
    on: 'GET /api/analytics/members/',
    summary: 'Get a breakdown by member',
    description: 'What each member of a group paid, what they bear of it, and by how much that raised their balance. The nets sum to zero.',
    tag,
    access,
    limit,
    query: z.strictObject({ ...rangeFields, group_id: id('group') }).omit({ scope: true }),
    reply: data(200, MembersOut),
    fails,
    example: {
      reply: {
        date_range: JANUARY,
        currency: 'USD',
        total_expenses: '250.00',
        total_income: '0.00',
        members: [
          {
            member_id: EXAMPLE_IDS.member,
            paid: '250.00',
            paid_percentage: 100,
            share: '250.00',
            share_percentage: 100,
            received: '0.00',
            income_share: '0.00',
            net: '0.00',
            expense_count: 1,
          },
        ],
        unconverted: [],
      },
    },
    run: async (ctx, { query }) => membersOut(await getMemberFigures(ctx, { ...askedIn(query), groupId: query.group_id })),
  }),
  operation({
    id: 'getInsights',
    on: 'GET /api/analytics/insights/',
    summary: 'Get insights',
    description:
      'What changed and why, in words, each with the figures behind it: the largest movers, new merchants, unusual days, patterns of the week, and what is left of the income. The same figures give the same insights.',
    tag,
    access,
    limit,
    query: z.strictObject(rangeFields),
    reply: data(200, InsightsOut),
    fails,
    example: {
      reply: {
        date_range: JANUARY,
        currency: 'USD',
        insights: [
          {
            kind: 'change',
            title: 'Spending rose by 24.1 %',
            message: 'You spent $2345.67, $455.44 more than before.',
            figures: { amount: '2345.67', previous_amount: '1890.23', change_percentage: 24.1 },
          },
        ],
      },
    },
    run: async (ctx, { query }) => insightsOut(await getInsights(ctx, askedIn(query))),
  }),
  operation({
    id: 'getChart',
    on: 'GET /api/analytics/charts/{chart}/',
    summary: 'Draw a chart',
    description:
      'The trends as a line or columns, or the categories as a ring, as SVG or PNG: the pictures that reports have. Each side has 80 to 4000 pixels, and a PNG at most 4,000,000 in all, 2000 by 2000 for one. In numbers it is what getTrends and getCategoryBreakdown say.',
    tag,
    access,
    limit,
    path: z.object({ chart: z.enum(CHARTS) }),
    query: z.strictObject({
      ...rangeFields,
      format: z.enum(['svg', 'png']).default('svg').meta({ example: 'svg' }),
      width: pixels.default(800),
      height: pixels.default(440),
    }),
    reply: raw('image/svg+xml', 'image/png'),
    fails: [...fails, 'service.busy'],
    example: {},
    run: (ctx, { path, query }) => {
      const { format, width, height } = query
      return getChart(ctx, askedIn(query), { chart: path.chart, format, size: { width, height } })
    },
  }),
]
