// What each row says about itself: enough to be understood, and nothing that its own schemas refuse.
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { isWrite, methodAndPath } from '../../src/http/operation.ts'
import { OPERATIONS } from '../../src/routes/index.ts'
import { mustMatch } from '../support/contract.ts'

const ROWS = OPERATIONS.map((op) => [op.id, op] as const)

test('no two operations share an id, or a method and path', () => {
  const twice = (names: readonly string[]): string[] => names.filter((name, i) => names.indexOf(name) !== i)
  expect(twice(OPERATIONS.map((op) => op.id))).toEqual([])
  expect(twice(OPERATIONS.map((op) => op.on.replaceAll(/\{\w+\}/g, '{}')))).toEqual([])
})

describe.each(ROWS)('%s', (_, op) => {
  test('says what it does: id, summary, description and tag', () => {
    expect(op.id).toMatch(/^[a-z][A-Za-z]+$/)
    expect(op.summary).toMatch(/^[A-Z].{5,70}[^.]$/)
    expect(op.description).toMatch(/^[A-Z].{10,}[.]$/s)
    expect(op.tag).not.toBe('')
  })

  test('its path ends with a slash, and each parameter in it has a schema', () => {
    const { path } = methodAndPath(op)
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    expect(path).toMatch(/^\/api\/.*\/$|^\/api\/$/)
    expect(op.path instanceof z.ZodObject ? Object.keys(op.path.shape) : []).toEqual(names)
  })

  test('shows a body that it takes', () => {
    expect(op.example.body !== undefined).toBe(op.body !== undefined)
    if (op.body !== undefined) expect(op.body.safeParse(op.example.body).error).toBeUndefined()
    if (op.body !== undefined || op.upload !== undefined) expect(isWrite(op)).toBe(true)
  })

  test('shows a reply that it gives', () => {
    const { shape, schema } = op.reply
    expect(op.example.reply !== undefined).toBe(shape === 'data' || shape === 'list')
    if (schema === undefined) return
    mustMatch(shape === 'list' ? z.array(schema).min(1) : schema, op.example.reply, `the example of ${op.id}`)
  })
})
