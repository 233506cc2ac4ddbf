// The mails that the product sends, in plain text and in HTML from the same words. They are looked up and
// written when they are sent, so the outbox holds no address, code or token.
import type { Surroundings } from '../context.ts'
import { findInvitationMail } from '../db/mails.ts'
import { CODE_LIFETIME_MS, findProof } from '../db/proofs.ts'
import type { Id } from '../domain/ids.ts'
import { HOUR, MINUTE, isoOf } from '../domain/time.ts'
import { tokenFor } from '../platform/keys.ts'
import { mailerOf } from '../platform/mail.ts'
import { proofCode } from '../platform/tokens.ts'
import { TOKEN_LIFETIME_MS } from './proofs.ts'

/** A paragraph, or something to copy: a code, a token, a command. */
type Part = string | { readonly copy: string }

interface Letter {
  readonly to: string
  readonly subject: string
  readonly parts: readonly Part[]
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text as HTML that says the same and does nothing. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)

const FOOTER = 'Quits keeps track of who spent what, for whom, and who owes what.'

function textOf(parts: readonly Part[]): string {
  const body = parts.map((part) => (typeof part === 'string' ? part : `    ${part.copy}`))
  return [...body, `--\n${FOOTER}`].join('\n\n')
}

function htmlOf(subject: string, parts: readonly Part[]): string {
  const body = parts.map((part) =>
    typeof part === 'string'
      ? `<p>${escapeHtml(part).replaceAll('\n', '<br>')}</p>`
      : `<pre style="padding:12px;background:#f3f4f6;border-radius:6px;white-space:pre-wrap;word-break:break-all">${escapeHtml(part.copy)}</pre>`,
  )
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>`,
    '<body style="font-family:system-ui,sans-serif;line-height:1.5;max-width:36rem;margin:24px auto;padding:0 16px">',
    ...body,
    `<p style="color:#6b7280;font-size:13px">${FOOTER}</p>`,
    '</body></html>',
  ].join('\n')
}

async function sendLetter(at: Surroundings, id: Id<'mail'>, { to, subject, parts }: Letter): Promise<void> {
  // A name in a subject may have been written by somebody else; a line break there would begin a header.
  const oneLine = subject.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').slice(0, 200)
  await mailerOf(at.env, at.now).send({ id, to, subject: oneLine, text: textOf(parts), html: htmlOf(oneLine, parts) })
}

const curl = (at: Surroundings, path: string, body: Readonly<Record<string, string>>): string =>
  `curl -X POST ${at.origin}${path} -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`

/** What a proof's mail shows, or undefined when the proof is no longer good for anything. */
async function findShown(at: Surroundings, proofId: Id<'proof'>) {
  const proof = await findProof(at.db, proofId)
  if (proof === undefined || proof.usedAt !== null || proof.expiresAt <= at.now) return undefined
  const { SECRET } = at.env
  return {
    to: proof.email,
    name: proof.firstName || proof.username,
    code: proofCode(SECRET, proofId),
    token: tokenFor(SECRET, 'mail-proof', proofId),
  }
}

const CODE_MINUTES = CODE_LIFETIME_MS / MINUTE
const hoursOf = (purpose: keyof typeof TOKEN_LIFETIME_MS): string => {
  const hours = TOKEN_LIFETIME_MS[purpose] / HOUR
  return hours === 1 ? '1 hour' : `${hours} hours`
}

/** Mails the code and token that prove an address. */
export async function sendVerification(at: Surroundings, id: Id<'mail'>, proofId: Id<'proof'>): Promise<void> {
  const shown = await findShown(at, proofId)
  if (shown === undefined) return
  const { to, name, code, token } = shown
  const parts: Part[] = [
    `Hello ${name},`,
    `welcome to Quits. To verify that this address is yours, enter this code within ${CODE_MINUTES} minutes:`,
    { copy: code },
    `Or send this token within ${hoursOf('verify')}:`,
    { copy: token },
    { copy: curl(at, '/api/auth/verify-email/', { token }) },
    'If you did not register, ignore this mail; without the code nobody can verify your address.',
  ]
  await sendLetter(at, id, { to, subject: `${code} is your Quits verification code`, parts })
}

/** Mails the code and token that set a new password. */
export async function sendPasswordReset(at: Surroundings, id: Id<'mail'>, proofId: Id<'proof'>): Promise<void> {
  const shown = await findShown(at, proofId)
  if (shown === undefined) return
  const { to, name, code, token } = shown
  const parts: Part[] = [
    `Hello ${name},`,
    `somebody asked to reset the password of your Quits account. To set a new one, enter this code within ${CODE_MINUTES} minutes:`,
    { copy: code },
    `Or send this token within ${hoursOf('reset')}:`,
    { copy: token },
    { copy: curl(at, '/api/auth/password-reset/confirm/', { token, new_password: 'your new password' }) },
    'Everybody who is signed in to the account will be signed out. If it was not you who asked, ignore this mail; your password stays as it is.',
  ]
  await sendLetter(at, id, { to, subject: 'Reset your Quits password', parts })
}

/** Mails an invitation into a group; nothing is sent when it was accepted or withdrawn meanwhile. */
export async function sendInvitation(at: Surroundings, id: Id<'mail'>, invitationId: Id<'invitation'>): Promise<void> {
  const invitation = await findInvitationMail(at.db, invitationId)
  if (invitation === undefined || invitation.acceptedAt !== null || invitation.revokedAt !== null || invitation.expiresAt <= at.now) return
  const { email, group, message, expiresAt } = invitation
  const inviter = invitation.inviter ?? 'Somebody'
  const token = tokenFor(at.env.SECRET, 'invitation', invitationId)
  const parts: Part[] = [
    'Hello,',
    `${inviter} invites you to share expenses in the group “${group}” on Quits.`,
    ...(message === '' ? [] : [`${inviter} writes:\n${message}`]),
    `Sign in, or register with this address, and accept with this token until ${isoOf(expiresAt).slice(0, 10)}:`,
    { copy: token },
    { copy: `curl -X POST ${at.origin}/api/invitations/${token}/accept/ -H 'Authorization: Bearer <access token>'` },
    'If you do not know the sender, ignore this mail.',
  ]
  await sendLetter(at, id, { to: email, subject: `${inviter} invites you to “${group}” on Quits`, parts })
}
