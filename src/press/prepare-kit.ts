// What drawing takes, made ready: fonts for every text that can come up, numbers of the locale, and words.
import { ENGLISH, type Document } from '../domain/document.ts'
import { formatOf, type Format } from './format.ts'
import type { Kit } from './page/blocks.ts'
import type { Shelf } from './text/shelf.ts'
import { Compositor } from './text/compositor.ts'

const isChinese = (locale: string | undefined): boolean => /^zh\b/i.test(locale ?? '')

/** Numbers and days bring letters of the locale with them, currencies their signs. */
function samplesOf(format: Format, value: unknown): string[] {
  const days = Array.from({ length: 12 }, (_, i) => `2026-${String(i + 1).padStart(2, '0')}-28`)
  return [
    ...days.flatMap((day) => (['short', 'month', 'full'] as const).map((style) => format.day(day, style))),
    ...[3, 6, 9, 12].map((zeros) => format.tick(-1.5 * 10 ** zeros, 1)),
    ...currenciesIn(value).map((unit) => format.value(-1234.5, unit)),
  ]
}

/** All that could be a currency, wherever it stands. */
function currenciesIn(value: unknown): string[] {
  const found = new Set<string>()
  const visit = (one: unknown): void => {
    if (typeof one === 'string') {
      if (/^[A-Z]{3}$/.test(one)) found.add(one)
    } else if (Array.isArray(one)) one.forEach(visit)
    else if (typeof one === 'object' && one !== null) Object.values(one).forEach(visit)
  }
  visit(value)
  return [...found]
}

/** For drawing the value, in which there are no bytes of files. */
export async function prepareKit(
  shelf: Shelf,
  value: unknown,
  locale?: string,
  words?: Document['words'],
): Promise<Kit & { readonly compositor: Compositor }> {
  const format = formatOf(locale)
  const said = { ...ENGLISH, ...words }
  await shelf.loadFor([value, said, samplesOf(format, value)], isChinese(locale))
  const compositor = new Compositor(shelf, isChinese(locale))
  return { measure: compositor.measure, format, words: said, compositor }
}
