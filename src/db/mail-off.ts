// Turning off mail to somebody without asking who they are: what a link in a mail does.
import type { Id } from '../domain/ids.ts'
import type { Timestamp } from '../domain/time.ts'
import { sql } from 'drizzle-orm'
import type { Db, Statement } from './client.ts'

/** The statement that turns off all mail that can be turned off. A second time it changes nothing. */
export const turnOffAllMail = (db: Db, userId: Id<'user'>, now: Timestamp): Statement =>
  db.run(
    sql`UPDATE users SET settings = json_set(settings, '$.emailNotifications', json('false')), version = version + 1, updated_at = ${now}
    WHERE id = ${userId} AND json_extract(settings, '$.emailNotifications') IS NOT 0`,
  )

/**
 * The statement that takes mail from the channels of a type; what else the person has chosen stays. Where they have
 * chosen no channels yet, those in `otherwise` are written down. The type is made of small letters and underscores.
 */
export function turnOffMailOf(db: Db, userId: Id<'user'>, type: string, otherwise: readonly string[], now: Timestamp): Statement {
  const [place, channels] = [`$.types.${type}.channels`, JSON.stringify(otherwise)]
  return db.run(
    sql`INSERT INTO notification_preferences (user_id, body, updated_at)
    SELECT id, json_set('{}', ${place}, json(${channels})), ${now} FROM users WHERE id = ${userId}
    ON CONFLICT (user_id) DO UPDATE SET updated_at = excluded.updated_at, body = json_set(body, ${place},
      CASE WHEN json_type(body, ${place}) = 'array' THEN (SELECT json_group_array(value) FROM json_each(body, ${place}) WHERE value <> 'email') ELSE json(${channels}) END)
    WHERE json_type(body, ${place}) IS NOT 'array' OR EXISTS (SELECT 1 FROM json_each(body, ${place}) WHERE value = 'email')`,
  )
}
