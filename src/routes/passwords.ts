// Passwords that were forgotten or are to be changed, and addresses that are to be verified.
import { z } from 'zod'
import { email } from '../http/fields.ts'
import { anyone, message, operation, user, type Operation } from '../http/operation.ts'
import { resendVerification, verifyEmail } from '../services/email-verification.ts'
import { changePassword, confirmPasswordReset, requestPasswordReset } from '../services/passwords.ts'
import { byCode, byToken, givenProof, newPassword, password } from './account-fields.ts'

const EXAMPLE_TOKEN = 'q3Jt0Vb8yLw5Zr1Xc7Nn2Mk9Ph4Gf6Ds0Aa8Qe1Wu3I'

export const passwords: readonly Operation[] = [
  operation({
    id: 'requestPasswordReset',
    on: 'POST /api/auth/password-reset/',
    summary: 'Ask for a password reset mail',
    description:
      'Mails a six-digit code (10 minutes, 5 tries) and a token (1 hour) if the address has an account; at most three mails in ten minutes. The answer is the same either way.',
    tag: 'Authentication',
    access: anyone,
    limit: 'auth',
    body: z.strictObject({ email }),
    reply: message('Password reset email sent if account exists'),
    fails: [],
    example: { body: { email: 'user@example.com' } },
    run: (ctx, { body }) => requestPasswordReset(ctx, body.email),
  }),
  operation({
    id: 'confirmPasswordReset',
    on: 'POST /api/auth/password-reset/confirm/',
    summary: 'Set a new password with the mail',
    description:
      'Takes the token of the mail, or its code with the address. Ends every session and every API key of the account, and opens an account that was locked. The mail is good once.',
    tag: 'Authentication',
    access: anyone,
    limit: 'auth',
    body: z.union([z.strictObject({ ...byToken, new_password: newPassword }), z.strictObject({ ...byCode, new_password: newPassword })]),
    reply: message('Password reset successful'),
    fails: ['auth.code_invalid'],
    example: { body: { token: EXAMPLE_TOKEN, new_password: 'NewSecurePassword123!' } },
    run: (ctx, { body }) => confirmPasswordReset(ctx, givenProof(body), body.new_password),
  }),
  operation({
    id: 'changePassword',
    on: 'POST /api/auth/password/',
    summary: 'Change the password',
    description:
      'Takes the current password and a new one, and ends all other sessions. Wrong guesses count towards the lock of the account.',
    tag: 'Authentication',
    access: user(),
    limit: 'auth',
    body: z.strictObject({ current_password: password, new_password: newPassword }),
    reply: message('Password changed'),
    fails: ['auth.invalid_credentials', 'auth.locked'],
    example: { body: { current_password: 'SecurePassword123!', new_password: 'NewSecurePassword123!' } },
    run: (ctx, { body }) => changePassword(ctx, body.current_password, body.new_password),
  }),
  operation({
    id: 'verifyEmail',
    on: 'POST /api/auth/verify-email/',
    summary: 'Verify the email address',
    description:
      'Takes the token of the mail (24 hours), or its code (10 minutes, 5 tries) with the address. Places in groups that were waiting for the address become the account’s own.',
    tag: 'Authentication',
    access: anyone,
    limit: 'auth',
    body: z.union([z.strictObject(byToken), z.strictObject(byCode)]),
    reply: message('Email verified'),
    fails: ['auth.code_invalid'],
    example: { body: { token: EXAMPLE_TOKEN } },
    run: (ctx, { body }) => verifyEmail(ctx, givenProof(body)),
  }),
  operation({
    id: 'resendVerification',
    on: 'POST /api/auth/verify-email/resend/',
    summary: 'Mail the verification again',
    description:
      'Mails a new code and token; the code before is no longer good. Nothing is sent when the address is verified already, or after three mails in ten minutes.',
    tag: 'Authentication',
    access: user(),
    limit: 'auth',
    reply: message('Verification email sent if the address is not verified yet'),
    fails: [],
    example: {},
    run: (ctx) => resendVerification(ctx),
  }),
]
