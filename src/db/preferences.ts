// What people want to be told: read with what of the account counts, and changed by a patch that the database
// itself applies, so that two who change at once undo nothing of each other.
import { sql } from 'drizzle-orm'
import type { Id } from '../domain/ids.ts'
import { preferencesOf, type Preferences, type SaidPreferences } from '../domain/preferences.ts'
import type { Timestamp } from '../domain/time.ts'
import type { UserSettings } from '../domain/user.ts'
import type { Db, Statement } from './client.ts'

/** Somebody who can be told something. */
export interface Recipient {
  readonly userId: Id<'user'>
  readonly personalGroupId: Id<'group'>
  readonly preferences: Preferences
}

interface Row {
  readonly id: Id<'user'>
  readonly personal_group_id: Id<'group'>
  readonly timezone: string
  readonly settings: string
  readonly is_verified: number
  readonly body: string | null
}

const SELECT = `SELECT u.id, u.personal_group_id, u.timezone, u.settings, u.is_verified, p.body FROM json_each(?) j JOIN users u ON u.id = j.value
LEFT JOIN notification_preferences p ON p.user_id = u.id WHERE u.deactivated_at IS NULL`

const recipientOf = ({ id, personal_group_id: personalGroupId, timezone, settings, is_verified, body }: Row): Recipient => {
  const said = JSON.parse(body ?? '{}') as SaidPreferences
  const account = { settings: JSON.parse(settings) as UserSettings, timezone, isVerified: is_verified === 1 }
  return { userId: id, personalGroupId, preferences: preferencesOf(said, account) }
}

/** Those of the users who can be told something at all: nobody tells an account that rests. */
export async function readRecipients(d1: D1Database, users: Iterable<Id<'user'>>): Promise<ReadonlyMap<Id<'user'>, Recipient>> {
  const { results } = await d1
    .prepare(SELECT)
    .bind(JSON.stringify([...users]))
    .all<Row>()
  return new Map(results.map((row) => [row.id, recipientOf(row)]))
}

/** A change of what was said: named fields replace what was there, `null` takes the zone of the quiet hours away. */
export type PreferencesPatch = Omit<SaidPreferences, 'quietHours'> & {
  readonly quietHours?: Omit<NonNullable<SaidPreferences['quietHours']>, 'timezone'> & { readonly timezone?: string | null }
}

/** The statement that changes what was said by what the patch names, and keeps the rest. */
export function patchPreferences(db: Db, userId: Id<'user'>, patch: PreferencesPatch, now: Timestamp): Statement {
  // A patch onto nothing leaves out what it takes away.
  return db.run(sql`INSERT INTO notification_preferences (user_id, body, updated_at) VALUES (${userId}, json_patch('{}', ${JSON.stringify(patch)}), ${now})
    ON CONFLICT (user_id) DO UPDATE SET body = json_patch(body, ${JSON.stringify(patch)}), updated_at = excluded.updated_at`)
}

/** The statement that changes those switches that stand in the account; a new version of it only where one of them moves. */
export function patchSettings(db: Db, userId: Id<'user'>, patch: Partial<UserSettings>, now: Timestamp): Statement {
  const text = JSON.stringify(patch)
  return db.run(sql`UPDATE users SET settings = json_patch(settings, ${text}), version = version + 1, updated_at = ${now}
    WHERE id = ${userId} AND json_patch(settings, ${text}) <> json(settings)`)
}
