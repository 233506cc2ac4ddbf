// The mails that a person can do without: notifications one by one or gathered, reminders, statements. Each says
// how to have no more of its kind.
import type { Surroundings } from '../context.ts'
import { findGroupNames } from '../db/mails.ts'
import { stableId } from '../db/stable-id.ts'
import { findUser } from '../db/users.ts'
import type { Id } from '../domain/ids.ts'
import type { Letter } from '../domain/letter.ts'
import { digestLetter, noticeLetter, statementLetter } from '../domain/notice-letter.ts'
import type { Notification } from '../domain/notification.ts'
import type { Month } from '../domain/reminder.ts'
import { displayName, type User } from '../domain/user.ts'
import { sendLetter } from './mail.ts'
import { findReportLetter, isAboutReport } from './report-mail.ts'
import { readStatement } from './statement.ts'
import { unsubscribeOf } from './unsubscribe.ts'

const isStatement = ({ type, metadata }: Notification): boolean =>
  type === 'monthly_statement' && typeof metadata['month'] === 'string' && /^\d{4}-\d{2}$/.test(metadata['month'])

const appOf = (at: Surroundings): string => at.env.APP_URL.replace(/\/$/, '')

/** The letter of one notification; that of a statement has its figures, that of a report its link. */
async function letterOf(at: Surroundings, user: User, notice: Notification): Promise<Letter> {
  const app = appOf(at)
  if (isStatement(notice)) return statementLetter(displayName(user), await readStatement(at, user, notice.metadata['month'] as Month), app)
  const report = await findReportLetter(at, user, notice)
  if (report !== undefined) return report
  const names = await findGroupNames(at.db.$client, notice.groupId === undefined ? [] : [notice.groupId])
  return noticeLetter(notice, app, notice.groupId && names.get(notice.groupId))
}

async function digestOf(at: Surroundings, notices: readonly Notification[]): Promise<Letter> {
  const ids = new Set(notices.flatMap(({ groupId }) => groupId ?? []))
  return digestLetter(notices, await findGroupNames(at.db.$client, [...ids]), appOf(at))
}

/** Whether the mails may be sent to the person at all. */
const isReachable = (user: User): boolean => user.isVerified && user.deactivatedAt === null && user.settings.emailNotifications

/**
 * Mails the notifications to the user: one as a mail of its own, several as a digest; a statement or report is always a mail
 * of its own. Nothing to an address that is not verified, or whose owner is deactivated or has turned all mail off.
 */
export async function sendNotices(at: Surroundings, id: Id<'mail'>, userId: Id<'user'>, notices: readonly Notification[]): Promise<void> {
  const user = await findUser(at.db, userId)
  if (user === undefined || !isReachable(user)) return
  const alone = notices.filter((notice) => notices.length === 1 || isStatement(notice) || isAboutReport(notice))
  const gathered = notices.filter((notice) => !alone.includes(notice))
  const single = gathered.length === 1 ? [...alone, ...gathered] : alone
  for (const notice of single) {
    const letter = await letterOf(at, user, notice)
    const unsubscribe = unsubscribeOf(at, userId, notice.type)
    // Of several mails under one promise each needs an id of its own, and the same one at every try.
    const mailId = notices.length === 1 ? id : stableId('mail', id, notice.id)
    await sendLetter(at, mailId, user.email, { ...letter, unsubscribe })
  }
  if (gathered.length < 2) return
  const unsubscribe = unsubscribeOf(at, userId, 'all')
  await sendLetter(at, id, user.email, { ...(await digestOf(at, gathered)), unsubscribe })
}
