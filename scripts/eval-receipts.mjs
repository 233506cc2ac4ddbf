// `npm run eval:receipts -- FOLDER [--engine paddle|tesseract|best] [--limit N]`: how well receipts are read. FOLDER holds
// pictures, and in truth.json what they say: { "a.jpg": { "company": "…", "date": "25/12/2018", "total": "80.90" } }.
// What is asked are the built Workers, in the runtime that they would be deployed to. Without --engine each is asked in turn.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { prepare, run } from './prepare.mjs'

const USAGE = 'npm run eval:receipts -- FOLDER [--engine paddle|tesseract|best] [--limit N]'
/** `best` is what an upload is read with: PP-OCR, and Tesseract too where its sums are not borne out. */
const ENGINES = ['best', 'paddle', 'tesseract']
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']

function fail(message) {
  console.error(`${message}\nUsage: ${USAGE}`)
  process.exit(1)
}

function readArguments() {
  const options = { engine: { type: 'string' }, limit: { type: 'string' } }
  let parsed
  try {
    parsed = parseArgs({ options, allowPositionals: true })
  } catch (error) {
    fail(error.message)
  }
  const [folder] = parsed.positionals
  const { engine, limit } = parsed.values
  if (folder === undefined) fail('Which folder has the receipts?')
  if (!existsSync(join(folder, 'truth.json'))) fail(`${folder} has no truth.json, which says what is on each picture.`)
  if (engine !== undefined && !ENGINES.includes(engine)) fail(`There is no engine "${String(engine)}".`)
  if (limit !== undefined && !(Number(limit) >= 1)) fail('--limit takes a number of receipts.')
  return { folder, engine, limit: limit === undefined ? Infinity : Number(limit) }
}

/** `2018-12-25` of a day as receipts write it, the day before the month unless the year comes first. */
export function isoDayOf(text) {
  const [first, second, third] = text.toUpperCase().split(/[\s/.-]+/)
  const [day, month, year] = first?.length === 4 ? [third, second, first] : [first, second, third]
  const number = MONTHS.includes(month?.slice(0, 3)) ? MONTHS.indexOf(month.slice(0, 3)) + 1 : Number(month)
  return [year?.length === 2 ? `20${year}` : year, String(number).padStart(2, '0'), day?.padStart(2, '0')].join('-')
}

const plain = (text) => text.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
const amountOf = (text) => Number(text.replaceAll(/[^0-9.]/g, '')).toFixed(2)

/** 1 less the edit distance (Levenshtein) over the longer length. */
function similarity(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) next.push(Math.min(next[j] + 1, row[j + 1] + 1, row[j] + (letter === b[j] ? 0 : 1)))
    row = next
  }
  return 1 - row[b.length] / Math.max(a.length, b.length, 1)
}

function isSameVendor(got, wanted) {
  const [a, b] = [plain(got ?? ''), plain(wanted)]
  return a !== '' && (a.includes(b) || b.includes(a) || similarity(a, b) >= 0.8)
}

/** Starts the API and the reader as they would be deployed; `ask` shows them a picture at the door that exists only locally. */
async function startAsking() {
  const { startWorkers } = await import('./built-workers.ts')
  const bindings = ({ bindings: configured }) => ({
    ...configured,
    ENVIRONMENT: 'local',
    PUBLIC_URL: '',
    RATES_URL: '',
    SECRET: 'of the evaluation alone, longer than 32 bytes',
  })
  const workers = await startWorkers([
    // What a reading does not need stays away; two Workers with assets would share one folder of them here.
    {
      name: 'quits',
      config: 'wrangler.toml',
      options: (configured) => ({ bindings: bindings(configured), assets: undefined, serviceBindings: { READER: 'quits-reader' } }),
    },
    { name: 'quits-reader', config: 'src/reader/wrangler.toml' },
  ])

  /** `{ vendor, date, total, ms, heapBytes }`, the first three undefined where nothing was found. */
  async function ask(bytes, engine) {
    const start = performance.now()
    const query = engine === 'best' ? '' : `?engine=${engine}`
    const reply = await fetch(new URL(`/dev/receipts/read${query}`, workers.url), { method: 'POST', body: bytes })
    const { data } = await reply.json()
    const { vendor, date, total } = data?.reading ?? {}
    return { vendor, date, total, ms: performance.now() - start, heapBytes: data?.heap_bytes ?? 0 }
  }
  return { ask, stop: () => workers.stop() }
}

const FIELDS = {
  total: { wanted: (truth) => amountOf(truth.total), isRight: (got, wanted) => got === wanted },
  date: { wanted: (truth) => isoDayOf(truth.date), isRight: (got, wanted) => got === wanted },
  vendor: { wanted: (truth) => truth.company, isRight: isSameVendor },
}

function report(engine, count, misses, times, heapBytes) {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share) => `${((sorted[Math.min(count - 1, Math.floor(count * share))] ?? 0) / 1000).toFixed(1)} s`
  console.log(`\n${engine}: ${count} receipts`)
  for (const [field, missed] of Object.entries(misses)) {
    const right = count - missed.length
    console.log(`  ${field.padEnd(7)}${((100 * right) / count).toFixed(1).padStart(6)} %   ${right} of ${count}`)
    for (const { name, got, wanted } of missed) console.log(`    ${name}: ${got ?? 'nothing'} instead of ${wanted}`)
  }
  console.log(`  time per receipt: median ${at(0.5)}, 90 % within ${at(0.9)}; greatest heap ${(heapBytes / 2 ** 20).toFixed(0)} MB`)
}

async function evaluate({ folder, engine, limit }) {
  const { ask, stop } = await startAsking()
  try {
    for (const one of engine === undefined ? ENGINES : [engine]) await evaluateEngine(one, ask, folder, limit)
  } finally {
    await stop()
  }
}

async function evaluateEngine(engine, ask, folder, limit) {
  const truth = Object.entries(JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8'))).slice(0, limit)
  const misses = Object.fromEntries(Object.keys(FIELDS).map((field) => [field, []]))
  const times = []
  let heapBytes = 0
  for (const [name, said] of truth) {
    const reading = await ask(readFileSync(join(folder, name)), engine)
    times.push(reading.ms)
    heapBytes = Math.max(heapBytes, reading.heapBytes)
    for (const [field, { wanted, isRight }] of Object.entries(FIELDS)) {
      if (!isRight(reading[field], wanted(said))) misses[field].push({ name, got: reading[field], wanted: wanted(said) })
    }
    if (process.stdout.isTTY) process.stdout.write(`\r${times.length} of ${truth.length} `)
  }
  report(engine, truth.length, misses, times, heapBytes)
}

const wanted = readArguments()
prepare()
// On a bare machine this script was started by an older Node than the one that is installed by now.
if (Number.parseInt(process.versions.node, 10) < 22) run('node', [fileURLToPath(import.meta.url), ...process.argv.slice(2)])
else await evaluate(wanted)
