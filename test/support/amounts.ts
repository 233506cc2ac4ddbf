// Amounts of the tests of splits, read from text, and the level of a group in which nobody is behind.
import { type Money, parseMoney } from '../../src/domain/money.ts'
import { currencyOf } from './ledger.ts'

export const level = () => 0

export function amount(text: string): Money {
  const [value = '', code = ''] = text.split(' ')
  const parsed = parseMoney(value.replace('+', ''), currencyOf(code))
  if (typeof parsed === 'string') throw new Error(`${text}: ${parsed}`)
  return parsed
}
