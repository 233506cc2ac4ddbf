// Pages of lists, by number or by cursor. A cursor holds the sort keys of the last row seen, so a deep page
// costs what the first one does; a page number is an offset, so it is bounded.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '../domain/errors.ts'
import { mapPage, type Page, type PageRequest, type SortKey } from '../domain/page.ts'

const MAX_PAGE_SIZE = 100
const MAX_PAGE = 1000

/** A place in a list: which list, the number of the page it begins, and the sort keys of the row before it. */
interface Cursor {
  readonly list: string
  readonly page: number
  readonly after: readonly SortKey[]
}

const CursorShape = z.object({
  list: z.string(),
  page: z.int().min(1),
  after: z.array(z.union([z.string(), z.number(), z.null()])).max(10),
})

const encodeCursor = (cursor: Cursor): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(cursor))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

function decodeCursor(text: string): Cursor | undefined {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
    return CursorShape.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data
  } catch {
    return undefined
  }
}

const PLACE = new Set(['page', 'page_size', 'cursor'])

/** What tells one list from another: its path, filters and order, as a digest. */
function listOf(url: URL): string {
  const query = [...url.searchParams].filter(([name]) => !PLACE.has(name)).map(([name, value]) => `${name}=${value}`)
  return createHash('sha256')
    .update([url.pathname.replace(/\/$/, ''), ...query.toSorted()].join('\n'))
    .digest('base64url')
    .slice(0, 8)
}

/** Throws `request.invalid` unless the cursor is of the list at this URL: its keys mean nothing in another. */
export function checkCursor(query: unknown, url: URL): void {
  const { cursor } = query as { cursor?: Cursor }
  if (cursor === undefined || cursor.list === listOf(url)) return
  throw new AppError('request.invalid', [
    {
      field: 'cursor',
      message: 'This cursor is of another list; keep the path, filters and sort of the page it came with',
      code: 'OTHER_LIST',
    },
  ])
}

/** The query fields of every list; spread into the row's own query object. */
export const pageFields = {
  page: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_PAGE)
    .default(1)
    .meta({ description: `Number of the page. Beyond ${MAX_PAGE}, use cursor.`, example: 1 }),
  page_size: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(20).meta({ description: 'Items per page', example: 20 }),
  cursor: z
    .string()
    .max(4000)
    .transform(
      (text, issue) =>
        decodeCursor(text) ?? (issue.addIssue({ code: 'custom', message: 'This is not a cursor that a list has given out' }), z.NEVER),
    )
    .optional()
    .meta({ description: 'Where to go on: next_cursor of the page before. Takes the place of page.' }),
}

export function pageRequest(query: { page: number; page_size: number; cursor?: Cursor | undefined }): PageRequest {
  const { page, page_size: size, cursor } = query
  return cursor === undefined ? { page, size } : { page: cursor.page, size, after: cursor.after }
}

/**
 * Spells the items of pages. A page that is given again as the same object is not spelled again in the same epoch:
 * the time for which nothing but the item tells how it is spelled.
 */
export function pageSpeller<T, U, By>(spell: (item: T, by: By) => U): (page: Page<T>, by: By, epoch: string) => Page<U> {
  const spelled = new WeakMap<Page<T>, { readonly epoch: string; readonly page: Page<U> }>()
  return (page, by, epoch) => {
    const known = spelled.get(page)
    if (known?.epoch === epoch) return known.page
    const made = mapPage(page, (item) => spell(item, by))
    spelled.set(page, { epoch, page: made })
    return made
  }
}

export const Pagination = z
  .object({
    page: z.int(),
    page_size: z.int(),
    total_pages: z.int(),
    total_items: z.int(),
    has_next: z.boolean(),
    has_previous: z.boolean(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'Pagination' })

export const Links = z
  .object({ first: z.string(), last: z.string(), next: z.string().nullable(), previous: z.string().nullable() })
  .meta({ id: 'Links' })

/** `meta.pagination` and `links` of the page that was asked for at this URL. */
export function paginationOf(page: Page<unknown>, url: URL): { pagination: z.output<typeof Pagination>; links: z.output<typeof Links> } {
  const { size, page: number } = page.request
  const pages = Math.max(1, Math.ceil(page.total / size))
  const cursor = page.next === undefined ? null : encodeCursor({ list: listOf(url), page: number + 1, after: page.next })
  const at = (name: 'page' | 'cursor', value: string | number): string => {
    const query = new URLSearchParams(url.search)
    query.delete('cursor')
    query.delete('page')
    query.set(name, String(value))
    return `${url.pathname}?${query.toString()}`
  }
  const isByCursor = page.request.after !== undefined
  const next = cursor === null ? null : isByCursor ? at('cursor', cursor) : at('page', number + 1)
  return {
    pagination: {
      page: number,
      page_size: size,
      total_pages: pages,
      total_items: page.total,
      has_next: cursor !== null,
      has_previous: number > 1,
      next_cursor: cursor,
    },
    links: { first: at('page', 1), last: at('page', pages), next, previous: number > 1 ? at('page', number - 1) : null },
  }
}
