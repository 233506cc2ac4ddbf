// Contract tests of a running local server, made by Specmatic from the OpenAPI document: right requests must be
// answered as documented, wrong ones refused. `node scripts/specmatic.mjs [origin]`; needs Java 17, and a server with
// RATE_LIMIT_SCALE. A generator knows no ids that exist, so it works with copies of the document that name some.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { proxyTo } from './specmatic-proxy.mjs'
import { seed } from './specmatic-world.mjs'

const origin = process.argv[2] ?? 'http://localhost:8000'
const tools = process.env.LINT_TOOLS ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'quits-lint')
const VERSION = '2.55.1'

/** What works once, or needs bytes or a list without repetition, which the generator does not make. */
const ONCE = ['confirmPasswordReset', 'verifyEmail', 'deactivateUser', 'commitImport']
const LEFT_OUT = new Set([
  ...ONCE,
  ...['uploadAvatar', 'uploadReceipt', 'readFile', 'createApiKey', 'createWebhook', 'showUnsubscribe', 'unsubscribe'],
  // Accounts with check digits and tokens of a provider, what only a provider can sign, and what is paid once.
  ...['addPaymentMethod', 'receivePaymentEvent', 'processPayment'],
  // Files, what takes a picture that was read, and a place that is taken by a name.
  // A chart is of one of two types, as it was asked for.
  'getChart',
  ...['addReceipt', 'addAttachment', 'createExpenseFromReceipt', 'rereadReceipt', 'reconcileExpense', 'joinClaims'],
  // A file, and the people whom it names.
  ...['stageImport', 'updateImport'],
  // A job that has failed, and what was given up, which is for operators.
  ...['retryJob', 'listDeadLetters', 'replayDeadLetter'],
])
/** What ends the sessions that other operations work with, so it comes when those are done. */
const AT_THE_END = new Set(['changePassword', 'revokeOtherSessions'])
/** A cursor is of one list alone; the proxy sees to dry runs; and what headers do has tests of its own. */
const isNeeded = ({ name, in: place }) => place !== 'header' && name !== 'cursor' && name !== 'dry_run'
/** So many filters of a list at once: every combination of them is tried. */
const FILTERS_AT_ONCE = 5

/** What a reference in the document leads to. */
function resolve(document, node) {
  if (node?.$ref === undefined) return node
  const keys = node.$ref.slice(2).split('/')
  return keys.reduce((at, key) => at[key], document)
}

/** The nth lot of the parameters; undefined when there is none. */
function lotOf(parameters, n) {
  const optional = parameters.filter(({ in: place, required }) => place === 'query' && !required)
  const lot = optional.slice(n * FILTERS_AT_ONCE, (n + 1) * FILTERS_AT_ONCE)
  if (n < 0 || (n > 0 && lot.length === 0)) return undefined
  return parameters.filter((parameter) => !optional.includes(parameter) || lot.includes(parameter))
}

/** The schema that lets through this value alone, or what it says itself where it is a schema. */
function only(value) {
  if (value.schema !== undefined) return value.schema
  if (Array.isArray(value)) return { type: 'array', items: only(value[0]) }
  if (typeof value !== 'object') return { type: typeof value, enum: [value] }
  const properties = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, only(inner)]))
  return { type: 'object', properties, required: Object.keys(value), additionalProperties: false }
}

/** How a copy of the document says which values there are: the schema lets through no others, or an example names them. */
const WAYS = {
  positive: {
    name: 'positive',
    parameter: (parameter, value) => ({ ...parameter, schema: only(value) }),
    body(schema, values) {
      const { properties, required = [], ...rest } = schema
      const entries = Object.entries({
        ...properties,
        ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value && only(value)])),
      })
      const needed = new Set([...required, ...Object.keys(values)])
      const kept = entries.filter(([name]) => values[name] !== null)
      return {
        schema: { ...rest, properties: Object.fromEntries(kept), required: kept.map(([name]) => name).filter((name) => needed.has(name)) },
      }
    },
  },
  negative: {
    name: 'negative',
    parameter: (parameter, value) => ({ ...parameter, examples: { example: { value } } }),
    body(schema, values, example) {
      const value = Object.fromEntries(
        Object.entries({ ...example, ...values }).filter(([, given]) => given !== null && given?.schema === undefined),
      )
      return { schema, examples: { example: { value } } }
    },
  },
}

function parametersOf(document, operation, world, way) {
  const values = { ...world.everywhere, ...world.parameters[operation.operationId] }
  const all = operation.parameters.map((parameter) => structuredClone(resolve(document, parameter)))
  return all
    .filter((parameter) => isNeeded(parameter) && values[parameter.name] !== null)
    .map((parameter) => (values[parameter.name] === undefined ? parameter : way.parameter(parameter, values[parameter.name])))
}

function responsesOf(document, operation, way) {
  const entries = Object.entries(operation.responses).map(([status, response]) => {
    const whole = structuredClone(resolve(document, response))
    // An example of a reply is taken as the reply to the example of the request.
    const isKept = way === WAYS.negative && status.startsWith('2')
    for (const content of Object.values(whole.content ?? {})) if (!isKept) delete content.examples
    return [status, whole]
  })
  return Object.fromEntries(entries)
}

/** The document with real ids, and with the nth lot of filters for each list. */
function copyOf(document, world, n, way) {
  const copy = structuredClone(document)
  // Each value of a list of choices is tried with each other choice.
  copy.components.schemas.CurrencyCode.enum = ['EUR', 'USD']
  for (const [path, item] of Object.entries(copy.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const { operationId, requestBody } = operation
      const parameters = lotOf(parametersOf(document, operation, world, way), n - (AT_THE_END.has(operationId) ? 1 : 0))
      if (LEFT_OUT.has(operationId) || parameters === undefined) {
        delete item[method]
        continue
      }
      // With each of two ways to sign in the same request is made again, which only a dry run or a reading can bear.
      const isOnce = method !== 'get' && !operation.parameters.some(({ $ref }) => $ref?.endsWith('/dry_run'))
      if (isOnce || n > 0) operation.security = operation.security.slice(0, 1)
      operation.parameters = parameters
      const json = requestBody?.content['application/json']
      const { schema, examples } = json ?? {}
      const values = world.bodies[way.name][operationId] ?? {}
      if (json !== undefined)
        requestBody.content = { 'application/json': way.body(resolve(document, schema), values, examples?.example.value) }
      operation.responses = responsesOf(document, operation, way)
    }
    if (Object.keys(item).length === 0) delete copy.paths[path]
  }
  return copy
}

function installed() {
  const jar = process.env.SPECMATIC_JAR ?? join(tools, 'node_modules', 'specmatic', 'specmatic.jar')
  if (!existsSync(jar))
    spawnSync('npm', ['install', '--prefix', tools, '--no-audit', '--no-fund', `specmatic@${VERSION}`], { stdio: 'inherit' })
  return jar
}

/** Writes the copies and what is asked of them into a directory; answers its path. */
function prepare(document, world, name) {
  const directory = join(tools, 'specmatic', name)
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const files = []
  for (let n = 0; ; n++) {
    const copy = copyOf(document, world, n, WAYS[name])
    if (Object.keys(copy.paths).length === 0) break
    files.push(`openapi.${n}.json`)
    writeFileSync(join(directory, `openapi.${n}.json`), JSON.stringify(copy, null, 1))
  }
  const securitySchemes = { bearer: { type: 'bearer', token: world.token }, apiKey: { type: 'apiKey', value: world.key } }
  const config = {
    version: 2,
    contracts: [{ provides: files }],
    test: {
      resiliencyTests: { enable: name === 'positive' ? 'positiveOnly' : 'all' },
      maxTestRequestCombinations: 20,
      timeoutInMilliseconds: 30_000,
    },
    security: { OpenAPI: { securitySchemes } },
  }
  writeFileSync(join(directory, 'specmatic.json'), JSON.stringify(config, null, 1))
  return directory
}

/** Runs the tests in the directory to their end; answers whether all held. */
function run(jar, directory, port, filter) {
  const args = ['-jar', jar, 'test', '--host', 'localhost', '--port', String(port), ...(filter === undefined ? [] : ['--filter', filter])]
  return new Promise((done) => spawn('java', args, { cwd: directory, stdio: 'inherit' }).on('exit', (status) => done(status === 0)))
}

mkdirSync(tools, { recursive: true })
const jar = installed()
const document = await (await fetch(`${origin}/openapi.json`)).json()
let isGood = true
for (const [name, filter] of [
  ['positive', process.env.FILTER],
  ['negative', ["STATUS!='200' && STATUS!='201' && STATUS!='202' && STATUS!='204'", process.env.FILTER].filter(Boolean).join(' && ')],
]) {
  if (process.env.ONLY !== undefined && process.env.ONLY !== name) continue
  const world = await seed(origin)
  const proxy = await proxyTo(origin, document, world.run)
  isGood = (await run(jar, prepare(document, world, name), proxy.port, filter)) && isGood
  proxy.close()
}
process.exit(isGood ? 0 : 1)
