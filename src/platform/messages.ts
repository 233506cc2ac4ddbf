// Short messages - push, text message, WhatsApp - behind one port. Locally they are kept in R2, where
// `/dev/messages` shows them. A message's id comes from what promised it: a second try replaces the first.
import type { Id } from '../domain/ids.ts'
import type { OutwardChannel } from '../domain/channels.ts'
import { isoOf, type Timestamp } from '../domain/time.ts'
import type { Env } from '../env.ts'

interface Message {
  readonly id: Id<'mail'>
  readonly channel: Exclude<OutwardChannel, 'email'>
  readonly userId: Id<'user'>
  /** Where the channel needs an address: a telephone number in E.164. */
  readonly to?: string
  readonly title: string
  readonly text: string
}

export interface MessageSender {
  /** Sends it, or does nothing where it was sent under this id before. */
  send(message: Message): Promise<void>
}

/** A message that was kept instead of sent. */
export interface KeptMessage extends Message {
  readonly date: string
}

const FOLDER = 'dev-messages/'

const keepingSender = (env: Env, now: Timestamp): MessageSender => ({
  async send(message) {
    const kept: KeptMessage = { ...message, date: isoOf(now) }
    await env.FILES.put(`${FOLDER}${message.id}.json`, JSON.stringify(kept), { customMetadata: { user: message.userId } })
  },
})

/** Stands where no provider is set up: somebody who looks for a message finds out why there was none. */
const missingSender: MessageSender = {
  send({ id, channel }) {
    console.error(
      JSON.stringify({ level: 'warn', message: 'no provider is set up for the channel; nothing was sent', channel, message_id: id }),
    )
    return Promise.resolve()
  },
}

export const messengerOf = (env: Env, now: Timestamp): MessageSender =>
  env.ENVIRONMENT === 'local' ? keepingSender(env, now) : missingSender

/** The newest messages that were kept instead of sent; only those to one user where one is given. */
export async function listKeptMessages(env: Env, limit: number, user?: string): Promise<KeptMessage[]> {
  const keys: string[] = []
  let cursor: string | undefined
  do {
    // Keys begin with the time, and R2 lists only forwards, so the newest are at the end.
    const page = await env.FILES.list({ prefix: FOLDER, include: ['customMetadata'], ...(cursor !== undefined && { cursor }) })
    keys.push(...page.objects.filter(({ customMetadata }) => user === undefined || customMetadata?.['user'] === user).map(({ key }) => key))
    cursor = page.truncated ? page.cursor : undefined
  } while (cursor !== undefined)
  const newest = keys.slice(-limit).reverse()
  const objects = await Promise.all(newest.map((key) => env.FILES.get(key)))
  return Promise.all(objects.flatMap((object) => (object === null ? [] : [object.json<KeptMessage>()])))
}
