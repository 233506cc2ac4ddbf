// Fields of accounts that several routes take: names, passwords, and the proofs that mails carry.
import { z } from 'zod'
import { MAX_PASSWORD, MIN_PASSWORD } from '../domain/password-rules.ts'
import { email } from '../http/fields.ts'
import type { GivenProof } from '../services/proofs.ts'

/** A password that is only compared: what it must be was asked when it was set. */
export const password = z.string().min(1).max(MAX_PASSWORD).meta({ format: 'password', example: 'SecurePassword123!' })

/** A password to be set; its classes are looked at by the service, which knows the address. */
export const newPassword = z
  .string()
  .min(MIN_PASSWORD)
  .max(MAX_PASSWORD)
  .meta({ format: 'password', description: 'Uppercase, lowercase, digit and special character', example: 'NewSecurePassword123!' })

export const username = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._-]{2,29}$/, 'Must be 3 to 30 letters, digits, dots, dashes or underscores, and begin with a letter or digit')
  .meta({ description: 'Unique; kept in lower case', example: 'johndoe' })

const token = z
  .string()
  .min(1)
  .max(200)
  .meta({ description: 'The long token of the mail', example: 'q3Jt0Vb8yLw5Zr1Xc7Nn2Mk9Ph4Gf6Ds0Aa8Qe1Wu3I' })
const code = z
  .string()
  .regex(/^\d{6}$/, 'Must be six digits')
  .meta({ description: 'The six digits of the mail', example: '493817' })

/** The token of a mail, or its code together with the address. */
export const byToken = { token }
export const byCode = { email, code }

export const givenProof = (body: { token: string } | { email: string; code: string }): GivenProof =>
  'token' in body ? { token: body.token } : { email: body.email, code: body.code }
