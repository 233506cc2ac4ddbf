// The seal of an entry: whatever byte of it changes, the chain says so, and only the words can be taken out.
import { describe, expect, test } from 'vitest'
import { seal, sealFault, unseal, type Sealed } from '../../src/db/chain.ts'
import { apply } from '../../src/domain/apply.ts'
import { EMPTY, type State } from '../../src/domain/group.ts'
import { ledger } from '../support/table.ts'

/** A short life, sealed. */
function sealedLife(): Sealed[] {
  const { entries } = ledger(`
    Ann opens a group                       -> ok
    Ann invites Bob                         -> ok
    Ann pays 10.00 for dinner: Ann, Bob     -> ok
    Ann comments on dinner                  -> ok
  `)
  let previous = ''
  return entries.map((entry) => {
    const sealed = seal(entry, previous)
    previous = sealed.hash
    return sealed
  })
}

/** Every text that differs from this one in the lowest bit of one character. */
const flips = (text: string): string[] =>
  Array.from(text, (char, i) => text.slice(0, i) + String.fromCodePoint((char.codePointAt(0) ?? 0) ^ 1) + text.slice(i + char.length))

const faultsOf = (chain: readonly Sealed[]): (string | undefined)[] => chain.map((sealed, i) => sealFault(sealed, chain[i - 1]?.hash ?? ''))

const erased = (sealed: Sealed): Sealed => ({ ...sealed, texts: null, salt: null })

describe('a sealed entry', () => {
  test('holds as it was written', () => {
    expect(faultsOf(sealedLife())).toEqual([undefined, undefined, undefined, undefined])
  })

  test('shows the change of any one byte, in whatever column', () => {
    const [first, second] = sealedLife()
    if (first === undefined || second === undefined) throw new Error('there are entries')
    for (const column of ['body', 'texts', 'salt', 'textDigest', 'previous', 'hash', 'commandId', 'type'] as const) {
      for (const flipped of flips(second[column] ?? ''))
        expect(sealFault({ ...second, [column]: flipped }, first.hash), `${column}: ${flipped}`).toBeDefined()
    }
    for (const column of ['seq', 'at'] as const) expect(sealFault({ ...second, [column]: second[column] + 1 }, first.hash)).toBeDefined()
  })

  test('shows words that were exchanged and cannot be checked any more', () => {
    const [first] = sealedLife()
    if (first === undefined) throw new Error('there are entries')
    expect(sealFault({ ...first, salt: null, texts: '["other"]' }, '')).toBeDefined()
    expect(sealFault({ ...first, texts: null }, '')).toBeDefined()
  })

  test('still holds when its words are erased, and comes to the same figures', () => {
    const chain = sealedLife()
    expect(faultsOf(chain.map(erased))).toEqual(faultsOf(chain))
    const stateOf = (sealed: readonly Sealed[]): State => sealed.map(unseal).reduce(apply, EMPTY)
    const [before, after] = [stateOf(chain), stateOf(chain.map(erased))]
    expect(after.balances).toEqual(before.balances)
    expect(after.pairs).toEqual(before.pairs)
    expect([...after.members.values()].map((m) => m.name)).toEqual(['[erased]', '[erased]'])
    expect(JSON.stringify(chain.map(erased))).not.toMatch(/Ann|Bob|Well|example/)
  })

  test('shows where an entry was left out or moved', () => {
    const [a, b, c, d] = sealedLife()
    if (!a || !b || !c || !d) throw new Error('there are entries')
    expect(faultsOf([a, c, d])[1]).toBeDefined()
    expect(faultsOf([a, c, b, d]).filter((fault) => fault !== undefined)).toHaveLength(3)
  })
})
