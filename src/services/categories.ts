// Categories: the tree that everybody has, and one's own beside and below it.
import { signedIn, type Ctx } from '../context.ts'
import { findOwnCategory, findOwnCategoryIds, insertCategory, listOwnCategories, markCategoryDeleted } from '../db/categories.ts'
import { findSystemCategory, SYSTEM_CATEGORIES, type Category } from '../domain/categories.ts'
import { AppError } from '../domain/errors.ts'
import { isId, newId, type Id } from '../domain/ids.ts'
import { commit } from './repeatable.ts'

export interface CreateCategory {
  readonly name: string
  readonly icon?: string
  readonly color?: string
  readonly parentId?: Id<'category'>
}

export async function listCategories(ctx: Ctx): Promise<Category[]> {
  return [...SYSTEM_CATEGORIES, ...(await listOwnCategories(ctx.db, signedIn(ctx).userId))]
}

/** Makes a category of one's own. Its name must be new among one's own and those of the system. */
export function createCategory(ctx: Ctx, input: CreateCategory): Promise<Category> {
  const { userId } = signedIn(ctx)
  return commit(ctx, async () => {
    const all = await listCategories(ctx)
    if (all.some((c) => c.name.toLowerCase() === input.name.toLowerCase())) {
      throw new AppError('category.duplicate', [
        { field: 'name', message: 'There is already a category of this name', code: 'DUPLICATE', got: input.name },
      ])
    }
    const parent = input.parentId === undefined ? undefined : all.find((c) => c.id === input.parentId)
    if (input.parentId !== undefined && parent === undefined) {
      throw new AppError('request.invalid', [
        { field: 'parent_id', message: 'There is no such category', code: 'UNKNOWN_CATEGORY', got: input.parentId },
      ])
    }
    if (parent?.parentId !== undefined)
      throw new AppError('request.invalid', [
        { field: 'parent_id', message: 'Categories have two levels; take a category without a parent', code: 'TOO_DEEP', got: parent.name },
      ])
    const look = { icon: input.icon ?? parent?.icon ?? 'category', color: input.color ?? parent?.color ?? '#ADB5BD' }
    const category: Category = {
      id: newId('category'),
      name: input.name,
      ...look,
      isDefault: false,
      createdAt: ctx.now,
      ...(parent && { parentId: parent.id }),
    }
    return { statements: [insertCategory(ctx.db, userId, category, ctx.now)], outcome: category }
  })
}

/** Takes one's own category out of the list; expenses keep it. */
export async function deleteCategory(ctx: Ctx, id: Id<'category'>): Promise<void> {
  const { userId } = signedIn(ctx)
  if (findSystemCategory(id) !== undefined)
    throw new AppError('auth.forbidden', [
      { field: 'category_id', message: 'A category of the system cannot be deleted', code: 'SYSTEM_CATEGORY' },
    ])
  await commit(ctx, async () => {
    if ((await findOwnCategory(ctx.db, userId, id)) === undefined) throw new AppError('category.not_found')
    return { statements: [markCategoryDeleted(ctx.db, userId, id, ctx.now)], outcome: null }
  })
}

/** The category that an expense may be filed under: one of the system or one's own. Throws `request.invalid`. */
export async function requireCategory(ctx: Ctx, id: Id<'category'>): Promise<Category> {
  const category = findSystemCategory(id) ?? (await findOwnCategory(ctx.db, signedIn(ctx).userId, id))
  if (category !== undefined) return category
  throw new AppError('request.invalid', [{ field: 'category_id', message: 'There is no such category', code: 'UNKNOWN_CATEGORY', got: id }])
}

/** Every category meant by an id or a name, those below it included. */
export async function matchCategories(ctx: Ctx, idOrName: string): Promise<Id<'category'>[]> {
  const name = idOrName.toLowerCase()
  const roots = SYSTEM_CATEGORIES.filter(
    (c) => c.id === idOrName || c.name.toLowerCase() === name || c.name.toLowerCase().split(/\W+/)[0] === name,
  )
  const system = SYSTEM_CATEGORIES.filter((c) => roots.some((root) => root.id === c.id || root.id === c.parentId)).map((c) => c.id)
  if (system.length > 0) return system
  if (isId('category', idOrName)) return [idOrName]
  return findOwnCategoryIds(ctx.db, signedIn(ctx).userId, idOrName)
}
