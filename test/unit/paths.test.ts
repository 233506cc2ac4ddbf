// Paths and the rows at them.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { methodAndPath } from '../../src/http/operation.ts'
import { PathTable } from '../../src/http/paths.ts'
import { OPERATIONS } from '../../src/routes/index.ts'

const table = new PathTable<string>()
for (const path of ['/groups/', '/groups/join/', '/groups/{id}/', '/groups/{id}/members/{member}/', '/groups/me/plan/', '/'])
  table.at(path, () => path)

test.each([
  ['/groups', '/groups/', []],
  ['/groups/', '/groups/', []],
  ['/groups/join', '/groups/join/', []],
  ['/groups/grp_1', '/groups/{id}/', ['grp_1']],
  // What is spelled out leads nowhere here, so it is an id after all.
  ['/groups/me/members/m', '/groups/{id}/members/{member}/', ['me', 'm']],
  ['/groups/me/plan', '/groups/me/plan/', []],
  ['/groups/a%20b%2Fc', '/groups/{id}/', ['a b/c']],
  ['/groups/%zz', '/groups/{id}/', ['%zz']],
  ['/', '/', []],
] as const)('%s is %s with %j', (path, value, parts) => {
  expect(table.find(path)).toEqual({ value, parts })
})

test.each(['/group', '/groups//', '/groups/x/plan', '/groups/x/members', '/groups/x/members/m/y', '/{id}'])(
  'nothing stands at %s',
  (path) => {
    expect(table.find(path)).toBeUndefined()
  },
)

test('every operation is found at its own path, whatever stands in place of its ids', () => {
  const all = new PathTable<Set<string>>()
  for (const op of OPERATIONS) all.at(methodAndPath(op).path, () => new Set()).add(op.id)
  fc.assert(
    fc.property(fc.constantFrom(...OPERATIONS), fc.stringMatching(/^[a-z]{3}_[0-9a-z]{1,26}$/), (op, id) => {
      const { path } = methodAndPath(op)
      expect(all.find(path.replaceAll(/\{\w+\}/g, id))?.value.has(op.id)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})
