// What a password must be, in the words of the documents: 8 to 256 characters of four classes, none of the
// passwords that everybody tries first, and not made of the address it protects. It never quotes the password.
import type { Detail } from './errors.ts'
import { COMMON_PASSWORDS, COMMON_WORDS } from './password-blocklist.ts'

export const MIN_PASSWORD = 8
export const MAX_PASSWORD = 256

const CLASSES = {
  upper: [/\p{Lu}/u, 'an uppercase letter'],
  lower: [/\p{Ll}/u, 'a lowercase letter'],
  digit: [/\p{Nd}/u, 'a digit'],
  special: [/[^\p{L}\p{N}]/u, 'a special character'],
} as const

export type PasswordClass = keyof typeof CLASSES

const PASSWORD_CLASSES: readonly PasswordClass[] = ['upper', 'lower', 'digit', 'special']

/** A local part as short as this is part of too many good passwords. */
const SHORTEST_TELLING = 4

const LOOKALIKES: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
}

/** `P@ssw0rd123!` is `password`: what stands around the word and the signs that stand for letters are no protection. */
const wordOf = (password: string): string =>
  password
    .toLowerCase()
    .replace(/^\P{L}+|\P{L}+$/gu, '')
    .replace(/[013457@$!]/g, (sign) => LOOKALIKES[sign] ?? '')

const isCommon = (password: string): boolean => COMMON_PASSWORDS.has(password.toLowerCase()) || COMMON_WORDS.has(wordOf(password))

/**
 * Everything that is wrong with a new password; empty when it will do. Dialects whose document asks for
 * fewer classes name them.
 */
export function passwordFaults(
  password: string,
  email: string,
  field = 'password',
  classes: readonly PasswordClass[] = PASSWORD_CLASSES,
): Detail[] {
  const length = [...password].length
  const faults: Detail[] = []
  const fault = (code: string, message: string): unknown => faults.push({ field, message, code })
  if (length < MIN_PASSWORD) fault('TOO_SMALL', `Must have at least ${MIN_PASSWORD} characters`)
  if (length > MAX_PASSWORD) fault('TOO_LARGE', `Must have at most ${MAX_PASSWORD} characters`)
  for (const name of classes) {
    const [pattern, words] = CLASSES[name]
    if (!pattern.test(password)) fault('WEAK_PASSWORD', `Must contain ${words}`)
  }
  if (isCommon(password)) fault('COMMON_PASSWORD', 'Is one of the passwords that are tried first')
  const local = email.split('@')[0] ?? ''
  if (local.length >= SHORTEST_TELLING && password.toLowerCase().includes(local.toLowerCase()))
    fault('PASSWORD_HAS_EMAIL', 'Must not contain the part of the email before the @')
  return faults
}
