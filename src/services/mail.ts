// The mails that a person must get: what proves an address, and invitations. They are looked up and written
// when they are sent, so the outbox holds no address, code or token.
import type { Surroundings } from '../context.ts'
import { findInvitationMail } from '../db/mails.ts'
import { CODE_LIFETIME_MS, findProof } from '../db/proofs.ts'
import type { Id } from '../domain/ids.ts'
import { htmlOf, subjectLine, textOf, type Letter, type Part } from '../domain/letter.ts'
import { HOUR, MINUTE, isoOf } from '../domain/time.ts'
import { tokenFor } from '../platform/keys.ts'
import { mailerOf } from '../platform/mail.ts'
import { proofCode } from '../platform/tokens.ts'
import { TOKEN_LIFETIME_MS } from './proofs.ts'

/** Sends the letter, in plain text and in HTML. Under the same id it replaces what was sent before, where mail is kept. */
export async function sendLetter(at: Surroundings, id: Id<'mail'>, to: string, letter: Letter): Promise<void> {
  const subject = subjectLine(letter.subject)
  const { unsubscribe } = letter
  await mailerOf(at.env, at.now).send({
    id,
    to,
    subject,
    text: textOf(letter),
    html: htmlOf({ ...letter, subject }),
    ...(unsubscribe !== undefined && { unsubscribeUrl: unsubscribe.url }),
  })
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
  await sendLetter(at, id, to, { subject: `${code} is your Quits verification code`, parts })
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
  await sendLetter(at, id, to, { subject: 'Reset your Quits password', parts })
}

/** An invitation that can still be accepted, and what its mails say. */
async function findOpenInvitation(at: Surroundings, invitationId: Id<'invitation'>) {
  const invitation = await findInvitationMail(at.db, invitationId)
  if (invitation === undefined || invitation.acceptedAt !== null || invitation.revokedAt !== null || invitation.expiresAt <= at.now)
    return undefined
  const token = tokenFor(at.env.SECRET, 'invitation', invitationId)
  const command = `curl -X POST ${at.origin}/api/invitations/${token}/accept/ -H 'Authorization: Bearer <access token>'`
  const how: Part[] = [
    `Sign in, or register with this address, and accept with this token until ${isoOf(invitation.expiresAt).slice(0, 10)}:`,
    { copy: token },
    { copy: command },
    { small: 'If you do not know the sender, ignore this mail.' },
  ]
  return { ...invitation, inviter: invitation.inviter ?? 'Somebody', how }
}

/** Mails an invitation into a group; nothing is sent when it was accepted or withdrawn meanwhile. */
export async function sendInvitation(at: Surroundings, id: Id<'mail'>, invitationId: Id<'invitation'>): Promise<void> {
  const invitation = await findOpenInvitation(at, invitationId)
  if (invitation === undefined) return
  const { email, group, message, inviter, how } = invitation
  const parts: Part[] = [
    'Hello,',
    `${inviter} invites you to share expenses in the group “${group}” on Quits.`,
    ...(message === '' ? [] : [`${inviter} writes:`, { quote: message }]),
    ...how,
  ]
  await sendLetter(at, id, email, {
    subject: `${inviter} invites you to “${group}” on Quits`,
    ...(message !== '' && { preheader: message }),
    parts,
  })
}

/** Mails the invited that the invitation is about to end; nothing when it was accepted or withdrawn meanwhile. */
export async function sendInvitationExpiring(at: Surroundings, id: Id<'mail'>, invitationId: Id<'invitation'>): Promise<void> {
  const invitation = await findOpenInvitation(at, invitationId)
  if (invitation === undefined) return
  const { email, group, inviter, how } = invitation
  const parts: Part[] = [
    'Hello,',
    `${inviter} has invited you to share expenses in the group “${group}” on Quits. The invitation is about to end.`,
    ...how,
  ]
  await sendLetter(at, id, email, { subject: `The invitation to “${group}” is about to end`, parts })
}
