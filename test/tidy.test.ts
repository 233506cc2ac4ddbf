// Rules about the code itself. Each failure names the file and the rule, so that it can be put right unread.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DIALECTS } from '../src/dialects/index.ts'
import { OPERATIONS } from '../src/routes/index.ts'

/** Which room of `src` may import which. Files beside the rooms are named by their own name. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  db: ['domain'],
  platform: ['domain', 'env'],
  pictures: ['domain'],
  reader: ['domain', 'platform', 'pictures'],
  press: ['domain', 'platform', 'pictures'],
  group: ['domain', 'db', 'env'],
  services: ['domain', 'db', 'group', 'platform', 'context', 'env'],
  http: ['domain', 'context', 'env'],
  routes: ['domain', 'services', 'http', 'context'],
  dialects: ['domain', 'services', 'http', 'context'],
  jobs: ['domain', 'db', 'platform', 'services', 'context', 'env'],
}

/** Imports across the rooms that are meant, each with its reason. */
const EXCEPTIONS: readonly string[] = [
  // The type alone: the gate hands over a connection that http itself cannot make.
  'src/http/mount.ts imports db/client.ts',
]

const PURE_PACKAGES = new Set(['decimal.js', 'temporal-polyfill', 'typeid-js'])
const LONGEST_FILE = 400
const ROOMS_WITH_A_CLOCK = [
  'src/http/exchange.ts',
  'src/group/',
  'src/platform/limiter.ts',
  'src/platform/outgoing.ts',
  'src/jobs/',
  'src/index.ts',
]

/** `getRoot` says nothing that a service knows; `patchExpense` is `updateExpense` under another method. */
const WITHOUT_A_SERVICE = new Set(['getRoot', 'patchExpense'])

const files = globSync('src/**/*.ts').map((path) => ({ path, text: readFileSync(path, 'utf8') }))
const importsOf = (text: string): string[] => [...text.matchAll(/(?:from|import) '([^']+)'/g)].map((match) => match[1] ?? '')

test('rooms import only what lies below them', () => {
  const wrong = files.flatMap(({ path, text }) => {
    const room = path.split('/')[1] ?? ''
    const allowed = MAY_IMPORT[room]
    if (allowed === undefined) return []
    const targets = importsOf(text)
      .filter((name) => name.startsWith('.'))
      .map((name) => new URL(name, `file:///${path}`).pathname.slice('/src/'.length))
    return targets
      .filter((target) => !target.startsWith(`${room}/`) && !allowed.some((one) => target === `${one}.ts` || target.startsWith(`${one}/`)))
      .map((target) => `${path} imports ${target}`)
  })
  expect(wrong.filter((line) => !EXCEPTIONS.includes(line))).toEqual([])
})

test('the domain is pure: no packages but three, no await, no clock, no input or output', () => {
  const domain = files.filter((file) => file.path.startsWith('src/domain/'))
  const packages = domain.flatMap(({ path, text }) =>
    importsOf(text)
      .filter((name) => !name.startsWith('.') && !PURE_PACKAGES.has(name))
      .map((name) => `${path} imports ${name}`),
  )
  const impure = domain
    .filter(({ text }) => /\bawait\b|\bfetch\(|Date\.now\(|new Date\(\)|Math\.random|\bprocess\./.test(text))
    .map(({ path }) => `${path} is not pure`)
  expect([...packages, ...impure]).toEqual([])
})

test('only db speaks to drizzle', () => {
  expect(
    files
      .filter(({ path, text }) => !path.startsWith('src/db/') && importsOf(text).some((name) => name.startsWith('drizzle-orm')))
      .map(({ path }) => path),
  ).toEqual([])
})

test('the clock is read in the middleware, the object and jobs, and nowhere else', () => {
  const readers = files.filter(({ text }) => /Date\.now\(\)|new Date\(\)/.test(text)).map(({ path }) => path)
  expect(readers.filter((path) => !ROOMS_WITH_A_CLOCK.some((room) => path.startsWith(room)))).toEqual([])
})

test('no file is longer than one can read in a sitting', () => {
  const all = [...files, ...globSync('{test,bench,scripts}/**/*.{ts,mjs}').map((path) => ({ path, text: readFileSync(path, 'utf8') }))]
  expect(
    all
      .filter(({ text }) => text.split('\n').length > LONGEST_FILE + 1)
      .map(({ path, text }) => `${path} has ${text.split('\n').length} lines`),
  ).toEqual([])
})

test('only services/access.ts grants access to a group', () => {
  expect(files.filter(({ text }) => text.includes('grantAccess(')).map(({ path }) => path)).toEqual(['src/services/access.ts'])
})

test('every file of routes that has operations is listed', () => {
  const index = readFileSync('src/routes/index.ts', 'utf8')
  const withRows = files.filter(({ path, text }) => path.startsWith('src/routes/') && text.includes('operation({'))
  expect(withRows.map(({ path }) => path.split('/').at(-1) ?? '').filter((name) => !index.includes(`'./${name}'`))).toEqual([])
})

test('every dialect is listed', () => {
  const index = readFileSync('src/dialects/index.ts', 'utf8')
  expect(globSync('src/dialects/*/index.ts').filter((path) => !index.includes(path.replace('src/dialects', '.')))).toEqual([])
})

test('an operation is found by one name: its id is the name of its service', () => {
  const services = files
    .filter(({ path }) => path.startsWith('src/services/'))
    .map(({ text }) => text)
    .join('\n')
  const rows = [...OPERATIONS, ...DIALECTS.flatMap((dialect) => dialect.rows)]
  const missing = rows
    .map((op) => op.id)
    .filter((id) => !WITHOUT_A_SERVICE.has(id) && !new RegExp(`export (?:async )?(?:function|const) ${id}\\b`).test(services))
  expect(missing).toEqual([])
})

test('there are no rooms without a name: no utils, helpers, common, lib or types', () => {
  expect(globSync('src/**/{utils,util,helpers,common,lib,types,misc}*')).toEqual([])
})

test('every path that the README names exists', () => {
  const readme = readFileSync('README.md', 'utf8')
  const named = [...readme.matchAll(/`((?:src|test|bench|scripts|migrations)\/[\w./-]*)`/g)].map((match) => match[1] ?? '')
  expect(named.filter((path) => !existsSync(path))).toEqual([])
})
