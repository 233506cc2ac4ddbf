import { z } from 'zod'
import type { Category } from '../domain/categories.ts'
import { mapPage, pageOfAll } from '../domain/page.ts'
import { COLOR, ICON, LONGEST } from '../domain/written.ts'
import { id, line } from '../http/fields.ts'
import { data, list, nothing, operation, user } from '../http/operation.ts'
import { pageFields, pageRequest } from '../http/pages.ts'
import { createCategory, deleteCategory, listCategories } from '../services/categories.ts'

const tag = 'Categories'

const CategoryOut = z
  .object({
    id: z.string(),
    name: z.string(),
    icon: z.string(),
    color: z.string(),
    parent_id: z.string().nullable(),
    is_default: z.boolean().meta({ description: 'Of the system, not your own' }),
  })
  .meta({ id: 'Category' })

const categoryOut = ({ id: key, name, icon, color, parentId, isDefault }: Category): z.input<typeof CategoryOut> => ({
  id: key,
  name,
  icon,
  color,
  parent_id: parentId ?? null,
  is_default: isDefault,
})

const example = {
  id: 'cat_01hm4z9v8zf1a2b3c4d5e6f7g8',
  name: 'Board games',
  icon: 'casino',
  color: '#5C7CFA',
  parent_id: null,
  is_default: false,
}

export const categories = [
  operation({
    id: 'listCategories',
    on: 'GET /api/categories/',
    summary: 'List categories',
    description: 'The tree that everybody has, of two levels, and your own.',
    tag,
    access: user('expenses:read'),
    limit: 'read',
    query: z.strictObject(pageFields),
    reply: list(CategoryOut),
    fails: [],
    example: { reply: [example] },
    run: async (ctx, { query }) => mapPage(pageOfAll(await listCategories(ctx), pageRequest(query)), categoryOut),
  }),
  operation({
    id: 'createCategory',
    on: 'POST /api/categories/',
    summary: 'Create a category',
    description: 'Makes a category of your own, beside the others or below one of the first level.',
    tag,
    access: user('expenses:write'),
    limit: 'write',
    body: z
      .strictObject({
        name: line(LONGEST.category, 1).meta({ example: 'Board games' }),
        icon: z.string().regex(ICON).optional().meta({ example: 'casino' }),
        color: z.string().regex(COLOR).optional().meta({ example: '#5C7CFA' }),
        parent_id: id('category').optional(),
      })
      .meta({ id: 'CreateCategory' }),
    reply: data(201, CategoryOut),
    fails: ['category.duplicate', 'request.key_reused'],
    example: { body: { name: 'Board games', icon: 'casino', color: '#5C7CFA' }, reply: example },
    run: async (ctx, { body }) => {
      const { name, icon, color, parent_id: parentId } = body
      return categoryOut(await createCategory(ctx, { name, ...(icon && { icon }), ...(color && { color }), ...(parentId && { parentId }) }))
    },
  }),
  operation({
    id: 'deleteCategory',
    on: 'DELETE /api/categories/{category_id}/',
    summary: 'Delete a category of your own',
    description: 'It leaves the list; expenses filed under it keep it.',
    tag,
    access: user('expenses:write'),
    limit: 'write',
    path: z.object({ category_id: id('category') }),
    reply: nothing,
    fails: ['category.not_found', 'auth.forbidden', 'request.key_reused'],
    example: {},
    run: (ctx, { path }) => deleteCategory(ctx, path.category_id),
  }),
]
