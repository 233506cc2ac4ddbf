// Categories that people made for themselves. Everybody sees only their own, but for the name of one that an
// expense of a shared group is filed under.
import { and, eq, isNull, or, sql } from 'drizzle-orm'
import type { Category } from '../domain/categories.ts'
import type { Id } from '../domain/ids.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Db, Statement } from './client.ts'
import { categories } from './schema.ts'

type Row = typeof categories.$inferSelect

const categoryOf = ({ id, name, icon, color, parentId, createdAt }: Row): Category => ({
  id,
  name,
  icon,
  color,
  isDefault: false,
  createdAt,
  ...(parentId !== null && { parentId }),
})

export async function listOwnCategories(db: Db, userId: Id<'user'>): Promise<Category[]> {
  const rows = await db
    .select()
    .from(categories)
    .where(and(eq(categories.userId, userId), isNull(categories.deletedAt)))
    .orderBy(categories.name)
  return rows.map(categoryOf)
}

export async function findOwnCategory(db: Db, userId: Id<'user'>, id: Id<'category'>): Promise<Category | undefined> {
  const row = await db
    .select()
    .from(categories)
    .where(and(eq(categories.id, id), eq(categories.userId, userId), isNull(categories.deletedAt)))
    .get()
  return row === undefined ? undefined : categoryOf(row)
}

/** The ids of the user's own categories of this name, and of those below them. */
export async function findOwnCategoryIds(db: Db, userId: Id<'user'>, name: string): Promise<Id<'category'>[]> {
  const named = db
    .select({ id: categories.id })
    .from(categories)
    .where(and(eq(categories.userId, userId), eq(sql`lower(${categories.name})`, name.toLowerCase())))
  const rows = await db
    .select({ id: categories.id })
    .from(categories)
    .where(and(eq(categories.userId, userId), or(sql`${categories.id} IN ${named}`, sql`${categories.parentId} IN ${named}`)))
  return rows.map((row) => row.id)
}

export const insertCategory = (db: Db, userId: Id<'user'>, category: Category, at: Timestamp): Statement =>
  db.insert(categories).values({
    id: category.id,
    userId,
    name: category.name,
    icon: category.icon,
    color: category.color,
    parentId: category.parentId ?? null,
    createdAt: at,
  })

export const markCategoryDeleted = (db: Db, userId: Id<'user'>, id: Id<'category'>, at: Timestamp): Statement =>
  db
    .update(categories)
    .set({ deletedAt: at })
    .where(and(eq(categories.id, id), eq(categories.userId, userId)))
