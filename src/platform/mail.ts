// Mail, behind one port: sent by the platform in production, kept in R2 locally, where `/dev/mail` shows it.
// A mail's id comes from what promised it, so that a second try replaces the first instead of doubling it.
import { createMimeMessage } from 'mimetext/browser'
import type { Id } from '../domain/ids.ts'
import { isoOf, type Timestamp } from '../domain/time.ts'
import type { Env } from '../env.ts'

interface Mail {
  readonly id: Id<'mail'>
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Where one request ends mails of this kind; absent from what a person must get. */
  readonly unsubscribeUrl?: string
}

export interface Mailer {
  send(mail: Mail): Promise<void>
}

/** The parts of `Quits <no-reply@quits.example>`. */
function senderOf(from: string): { name: string; email: string } {
  const [, name = '', email = from] = /^\s*(.*?)\s*<([^<>]+)>\s*$/.exec(from) ?? []
  return { name, email }
}

/** What a mail says about itself: that no person wrote it (RFC 3834), and how to end its kind with one request (RFC 8058). */
const headersOf = ({ unsubscribeUrl }: Mail): Record<string, string> => ({
  'Auto-Submitted': 'auto-generated',
  ...(unsubscribeUrl !== undefined && {
    'List-Unsubscribe': `<${unsubscribeUrl}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  }),
})

function sendingMailer(env: Env): Mailer {
  return {
    async send(mail) {
      const { id, to, subject, text, html } = mail
      // The platform makes the Message-ID and refuses one that is given, so the id goes along under another name.
      const headers = { ...headersOf(mail), 'X-Entity-Ref-ID': id }
      await env.EMAIL.send({ from: senderOf(env.MAIL_FROM), to, subject, text, html, headers })
    },
  }
}

const messageId = (id: Id<'mail'>, sender: string): string => `<${id}@${sender.split('@')[1] ?? 'localhost'}>`

const FOLDER = 'dev-mail/'

/** What is kept beside the message itself, so that a list needs no parser. */
export interface KeptMail {
  readonly id: Id<'mail'>
  readonly to: string
  readonly subject: string
  readonly date: string
  readonly text: string
}

/** The mail as RFC 5322 with both of its bodies. */
function messageOf(from: string, mail: Mail, now: Timestamp): string {
  const { id, to, subject, text, html } = mail
  const { name, email } = senderOf(from)
  const message = createMimeMessage()
  message.setSender({ name, addr: email })
  message.setRecipient(to)
  message.setSubject(subject)
  message.setHeader('Date', new Date(now).toUTCString().replace('GMT', '+0000'))
  message.setHeader('Message-ID', messageId(id, email))
  for (const [header, value] of Object.entries(headersOf(mail))) message.setHeader(header, value)
  for (const [contentType, data] of [
    ['text/plain', text],
    ['text/html', html],
  ] as const) {
    message.addMessage({ contentType, data: data.replaceAll('\n', '\r\n'), encoding: '8bit' })
  }
  return message.asRaw()
}

function keepingMailer(env: Env, now: Timestamp): Mailer {
  return {
    async send(mail) {
      const { id, to, subject, text, html } = mail
      const kept: KeptMail = { id, to, subject, date: isoOf(now), text }
      await env.FILES.put(`${FOLDER}${id}.eml`, messageOf(env.MAIL_FROM, mail, now), { httpMetadata: { contentType: 'message/rfc822' } })
      await env.FILES.put(`${FOLDER}${id}.html`, html, { httpMetadata: { contentType: 'text/html; charset=utf-8' } })
      await env.FILES.put(`${FOLDER}${id}.json`, JSON.stringify(kept), { customMetadata: { to, date: kept.date } })
    },
  }
}

export const mailerOf = (env: Env, now: Timestamp): Mailer => (env.ENVIRONMENT === 'local' ? keepingMailer(env, now) : sendingMailer(env))

/** Mail that was kept instead of sent, the newest first; only that to one address where one is given. */
export async function listKeptMail(env: Env, limit: number, to?: string): Promise<KeptMail[]> {
  const found: { readonly key: string; readonly date: string }[] = []
  let cursor: string | undefined
  do {
    const page = await env.FILES.list({ prefix: FOLDER, include: ['customMetadata'], ...(cursor !== undefined && { cursor }) })
    found.push(
      ...page.objects
        .filter(({ key, customMetadata }) => key.endsWith('.json') && (to === undefined || customMetadata?.['to'] === to))
        .map(({ key, customMetadata }) => ({ key, date: customMetadata?.['date'] ?? '' })),
    )
    cursor = page.truncated ? page.cursor : undefined
  } while (cursor !== undefined)
  // Most ids begin with the time, but not those of mails that are sent once for a thing.
  const newest = found.sort((a, b) => (a.date === b.date ? (a.key < b.key ? 1 : -1) : a.date < b.date ? 1 : -1)).slice(0, limit)
  const objects = await Promise.all(newest.map(({ key }) => env.FILES.get(key)))
  return Promise.all(objects.flatMap((object) => (object === null ? [] : [object.json<KeptMail>()])))
}

/** The message as it would have been sent (`eml`), or its body as a browser shows it (`html`). */
export const findKeptMessage = async (env: Env, name: string, form: 'eml' | 'html'): Promise<string | undefined> =>
  (await env.FILES.get(`${FOLDER}${name}.${form}`))?.text()
