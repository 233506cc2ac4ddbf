// What holds for every dialect, without asking the worker: ids both ways, hosts, examples and the OpenAPI document.
import { describe, expect, test } from 'vitest'
import { documentOf } from '../../src/dialects/document.ts'
import { surfaceOf } from '../../src/dialects/dialect.ts'
import { pathBelow, prefixOfHost } from '../../src/dialects/hosts.ts'
import { DIALECTS } from '../../src/dialects/index.ts'
import { SYSTEM_CATEGORIES } from '../../src/domain/categories.ts'
import { AppError } from '../../src/domain/errors.ts'
import { idFromUuid, isId, newId, uuidOf } from '../../src/domain/ids.ts'
import { methodAndPath } from '../../src/http/operation.ts'
import { mustMatch } from '../support/contract.ts'

describe('ids as UUIDs', () => {
  test('an id and its UUID are the same number, both ways', () => {
    for (const id of [newId('category'), ...SYSTEM_CATEGORIES.map((category) => category.id)]) {
      expect(uuidOf(id)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
      expect(idFromUuid('category', uuidOf(id))).toBe(id)
    }
  })

  test('the UUID is that of the TypeID specification, and its case does not matter', () => {
    expect(uuidOf('exp_01h455vb4pex5vsknk084sn02q')).toBe('01890a5d-ac96-774b-bcce-b302099a8057')
    expect(idFromUuid('expense', '01890A5D-AC96-774B-BCCE-B302099A8057')).toBe('exp_01h455vb4pex5vsknk084sn02q')
    expect(isId('expense', idFromUuid('expense', 'ffffffff-ffff-ffff-ffff-ffffffffffff'))).toBe(true)
  })
})

describe('DIALECT_HOSTS', () => {
  const known = [
    { name: 'basic', prefix: '/basic' },
    { name: 'financy', prefix: '/financy' },
  ] as const
  const setting = 'api.one.example=basic, API.two.example=financy,api.three.example=none'

  test.each([
    ['api.one.example', '/basic'],
    ['API.ONE.EXAMPLE', '/basic'],
    ['api.two.example', '/financy'],
    ['api.three.example', ''],
    ['quits.example', ''],
    ['one.example', ''],
  ])('%s is answered below "%s"', (host, prefix) => {
    expect(prefixOfHost(host, setting, known)).toBe(prefix)
    expect(prefixOfHost(host, '', known)).toBe('')
  })

  test.each([
    ['', '/', '/'],
    ['', '/api/groups/', '/api/groups'],
    ['/basic', '/', '/basic'],
    ['/basic', '/api/login', '/basic/api/login'],
    ['/basic', '/basic/docs', '/basic/docs'],
    ['/basic', '/basics', '/basic/basics'],
  ])('below "%s", %s is %s', (prefix, path, routed) => {
    expect(pathBelow(prefix, path)).toBe(routed)
  })
})

const INFO = { title: '', version: '1', summary: '', description: '', contact: {}, license: {}, servers: [{ url: '/' }], tags: {} }

describe.each(DIALECTS)('$name', (dialect) => {
  test('every example is one that the row takes and gives', () => {
    for (const op of dialect.rows) {
      if (op.body !== undefined) expect(op.body.safeParse(op.example.body).error, op.id).toBeUndefined()
      mustMatch(op.reply.schema ?? dialect.failure.schema, op.example.reply, op.id)
      expect(Object.keys(dialect.tags)).toContain(op.tag)
    }
    expect(new Set(dialect.rows.map((op) => op.id)).size).toBe(dialect.rows.length)
  })

  test('its document names each row below its server, with refusals in its own words', () => {
    const document = documentOf(dialect, INFO) as {
      servers: { url: string }[]
      paths: Record<
        string,
        Record<string, { operationId: string; responses: Record<string, { content: Record<string, { schema: object }> }> }>
      >
      components: { schemas: object }
    }
    expect(document.servers[0]?.url).toBe(dialect.prefix)
    for (const op of dialect.rows) {
      const { method, path } = methodAndPath(op)
      const described = document.paths[path]?.[method.toLowerCase()]
      expect(described?.operationId).toBe(op.id)
      const { status } = surfaceOf(dialect).failure(
        new AppError('internal'),
        { url: new URL('https://api.test/'), now: 0, requestId: '', accept: null },
        op,
      )
      expect(described?.responses[status]?.content['application/json']?.schema).toEqual({ $ref: '#/components/schemas/Error' })
    }
    for (const [, name] of JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g))
      expect(document.components.schemas).toHaveProperty(name ?? '')
  })
})
