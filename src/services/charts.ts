// Figures as a picture, by the press.
import type { Ctx } from '../context.ts'
import type { Chart } from '../domain/document.ts'
import { AppError } from '../domain/errors.ts'
import { categoryChart, trendChart } from '../domain/report/summary-charts.ts'
import type { PictureSize } from '../platform/documents/press.ts'
import { getCategoryBreakdown, getTrends, type Asked } from './analytics.ts'

export const CHARTS = ['trends', 'categories'] as const

const TYPES = { svg: 'image/svg+xml', png: 'image/png' } as const

/** What to draw, and how. */
export interface ChartRequest {
  readonly chart: (typeof CHARTS)[number]
  readonly format: keyof typeof TYPES
  readonly size: PictureSize
}

async function chartOf(ctx: Ctx, asked: Asked, which: ChartRequest['chart']): Promise<Chart> {
  if (which === 'categories') return categoryChart(await getCategoryBreakdown(ctx, { ...asked, kind: 'expense' }))
  const trends = await getTrends(ctx, { ...asked, kind: 'expense' })
  return trendChart(
    trends,
    trends.points.some(({ income }) => income.minor !== 0),
  )
}

/** What a PNG may have: 16 MB while it is drawn, and again while it is packed. SVG costs the same in any size. */
const MOST_PIXELS = 4_000_000

function refuseTooManyPixels({ width, height }: PictureSize): void {
  const pixels = width * height
  if (pixels <= MOST_PIXELS) return
  throw new AppError('request.invalid', [
    {
      field: 'width',
      message: 'A PNG of this width and height has too many pixels; make it smaller, or take svg',
      code: 'TOO_LARGE',
      expected: `at most ${MOST_PIXELS} pixels`,
      got: `${pixels} pixels`,
      difference: String(pixels - MOST_PIXELS),
    },
  ])
}

/** A picture of the figures. Throws `request.invalid` for a PNG beyond 4,000,000 pixels, `group.not_found`, and `service.busy` where the press cannot be reached. */
export async function getChart(ctx: Ctx, asked: Asked, { chart, format, size }: ChartRequest): Promise<Response> {
  if (format === 'png') refuseTooManyPixels(size)
  const { PRESS } = ctx.env
  if (PRESS === undefined) throw new AppError('service.busy')
  const bytes = await PRESS.chart(await chartOf(ctx, asked, chart), format, size)
  return new Response(bytes, {
    headers: {
      'Content-Type': TYPES[format],
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'Cache-Control': 'private, no-store',
      'X-Content-Type-Options': 'nosniff',
    },
  })
}
