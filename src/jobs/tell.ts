// Tells those outside what happened in groups. Each portion of a journal is followed once: what the followers make
// of it and how far it was told go into one batch, and whoever comes second finds the portion taken.
import { runBatch } from '../db/client.ts'
import { isTakenIn } from '../db/inbox.ts'
import { findTold, listBehind, markTold } from '../db/told.ts'
import { errorText } from '../domain/error-text.ts'
import type { Id } from '../domain/ids.ts'
import type { News } from '../domain/telling.ts'
import { messagesOf } from '../services/repeatable.ts'
import type { Followed, JobContext } from './context.ts'
import { followWebhooks } from './follow-webhooks.ts'
import { followNotifications } from './notify.ts'

type Follower = (at: JobContext, groupId: Id<'group'>, news: News) => Promise<Followed>

const FOLLOWERS: readonly Follower[] = [followWebhooks, followNotifications]

/** Portions told in one go; what is left is due at the next. */
const MOST_PORTIONS = 20
const MOST_GROUPS = 100

/** Tells the next portion. False when there was none, or somebody else is at it. */
async function tellPortion(at: JobContext, groupId: Id<'group'>): Promise<boolean> {
  const from = await findTold(at.db.$client, groupId)
  if (from === undefined) return false
  // RPC types every field as if it might hold a stub; what comes here is plain data.
  const object = at.env.GROUP.getByName(groupId) as unknown as { news(after: number): Promise<News> }
  const news = await object.news(from)
  const to = news.entries.at(-1)?.seq
  if (to === undefined) return false
  const followed = await Promise.all(FOLLOWERS.map((follow) => follow(at, groupId, news)))
  const statements = followed.flatMap((one) => one.statements)
  try {
    await runBatch(at.db, [...markTold(at.db, groupId, from, to, at.now), ...statements])
  } catch (error) {
    if (messagesOf(error).some(isTakenIn)) return false
    throw error
  }
  await Promise.all(followed.map(async (one) => one.after?.()))
  return true
}

/** Tells what is owed about the group. Never throws: what could not be told stays owed. */
export async function tellGroup(at: JobContext, groupId: Id<'group'>): Promise<number> {
  let told = 0
  try {
    while (told < MOST_PORTIONS && (await tellPortion(at, groupId))) told++
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', group: groupId, message: 'news could not be told', error: errorText(error) }))
  }
  return told
}

/** Tells what is owed about every group. Never throws. */
export async function tellGroups(at: JobContext, limit = MOST_GROUPS): Promise<number> {
  try {
    let told = 0
    for (const groupId of await listBehind(at.db.$client, limit)) told += await tellGroup(at, groupId)
    return told
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', message: 'nobody could be told', error: errorText(error) }))
    return 0
  }
}
