import { describe, expect, test } from 'vitest'
import { passwordFaults } from '../../src/domain/password-rules.ts'

const codes = (password: string, email = 'ann@mail.test'): string[] => passwordFaults(password, email).map(({ code }) => code)

describe('passwordFaults', () => {
  test.each(['SecurePassword123!', 'NewSecurePassword123!', 'Correct-horse 7 battery', 'Ünïcödé-Wörter-9', `Aa1!${'x'.repeat(252)}`])(
    'takes %s',
    (password) => {
      expect(codes(password)).toEqual([])
    },
  )

  test.each([
    ['Aa1!xyz', 'TOO_SMALL'],
    [`Aa1!${'x'.repeat(253)}`, 'TOO_LARGE'],
    ['Password123!', 'COMMON_PASSWORD'],
    ['P@$$w0rd2026', 'COMMON_PASSWORD'],
    ['!Welcome1!', 'COMMON_PASSWORD'],
    ['Qwertyuiop1!', 'COMMON_PASSWORD'],
    ['!QAZ2wsx', 'COMMON_PASSWORD'],
    ['alllowercase-1', 'WEAK_PASSWORD'],
  ])('refuses %s as %s alone', (password, code) => {
    expect(codes(password)).toEqual([code])
  })

  test('refuses the part of the address before the @, in any case, once it is long enough to tell', () => {
    expect(codes('My-MARYLOU-77', 'marylou@mail.test')).toEqual(['PASSWORD_HAS_EMAIL'])
    expect(codes('Planning-77x', 'ann@mail.test')).toEqual([])
  })

  test('asks for the classes that a document names, and no others', () => {
    expect(passwordFaults('securePassword123', 'ann@mail.test', 'password', ['upper', 'lower', 'digit'])).toEqual([])
    expect(passwordFaults('securePassword', 'ann@mail.test', 'password', ['upper', 'lower', 'digit'])).toHaveLength(1)
  })
})
