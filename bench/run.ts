// `npm run bench`: what each operation costs D1 with few and with many expenses, and how fast it is beside its
// floor. Fails when a cost grows; with --strict also when an operation falls below its share of the floor.
// `--profile 'create, one group'` tells instead in which functions that operation spends its time, `--analytics` what a
// month's figures cost with 10,000 and with 1,000,000 expenses.
import { parseArgs } from 'node:util'
import { measureAnalytics } from './analytics.ts'
import { Client, type Answer } from './client.ts'
import { grown, measureCosts, type CostTable } from './costs.ts'
import { profiled, profileLines } from './profile.ts'
import { startServer, type Server } from './server.ts'
import { loadsOf, measureSpeed, type Speed } from './speed.ts'
import { fill, makeWorld } from './world.ts'

const { values } = parseArgs({
  options: {
    strict: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    count: { type: 'string', default: '500' },
    expenses: { type: 'string', default: '10000' },
    profile: { type: 'string' },
    analytics: { type: 'boolean', default: false },
  },
})

const FEW = 100
const MANY = Number(values.expenses)
/** Requests under the profiler. */
const PROFILED = 3000

const say = (line = ''): void => void process.stdout.write(`${line}\n`)
const cell = (value: string | number | undefined, width = 9): string => String(value ?? '-').padStart(width)

function sayCosts(few: CostTable, many: CostTable): void {
  say(`${'D1 per request'.padEnd(24)}${cell('trips', 16)}${cell('rows read', 18)}${cell('rows written', 18)}`)
  for (const [name, before] of few) {
    const after = many.get(name)
    const pair = (a: number, b: number | undefined): string => `${a} / ${b ?? '-'}`
    say(
      `${name.padEnd(24)}${cell(pair(before.trips, after?.trips), 16)}${cell(pair(before.read, after?.read), 18)}${cell(pair(before.written, after?.written), 18)}`,
    )
  }
}

function saySpeeds(speeds: readonly Speed[]): string[] {
  say(
    `${'16 connections'.padEnd(24)}${cell('req/s')}${cell('of floor')}${cell('target')}${cell('CPU ms')}${cell('of floor')}${cell('best peer', 11)}`,
  )
  for (const { load, perSecond, cpuMs, ratio, cpuRatio } of speeds) {
    say(
      `${load.name.padEnd(24)}${cell(perSecond.toFixed(0))}${cell(ratio?.toFixed(2))}${cell(load.target?.toFixed(2))}${cell(cpuMs?.toFixed(2))}${cell(cpuRatio?.toFixed(2))}${cell(load.bestMs, 11)}`,
    )
  }
  return speeds.flatMap(({ load, ratio, cpuMs }) => [
    ...(ratio !== undefined && load.target !== undefined && ratio < load.target
      ? [`${load.name} reaches ${ratio.toFixed(2)} of its floor, not ${load.target}`]
      : []),
    ...(cpuMs !== undefined && load.bestMs !== undefined && cpuMs > load.bestMs
      ? [`${load.name} takes ${cpuMs.toFixed(2)} ms of CPU, the best peer ${load.bestMs}`]
      : []),
  ])
}

/** Costs with few and with many expenses, then speed with many; sets the exit code. */
async function measure(client: Client, server: Server): Promise<void> {
  const world = await makeWorld(client)
  await fill(client, world, 0, FEW)
  const few = await measureCosts(client, world)
  await fill(client, world, FEW, MANY)
  const many = await measureCosts(client, world)
  say(`With ${FEW} / ${MANY} expenses in the group`)
  sayCosts(few, many)
  say()
  const slow = saySpeeds(await measureSpeed(client, server, await loadsOf(client, world), Number(values.rounds), Number(values.count)))
  const growing = grown(few, many).map((name) => `${name} costs more with ${MANY} expenses than with ${FEW}`)
  if (slow.length + growing.length > 0) say()
  for (const line of growing) say(`FAIL ${line}`)
  for (const line of slow) say(`${values.strict ? 'FAIL' : 'WARN'} ${line}`)
  process.exitCode = growing.length > 0 || (values.strict && slow.length > 0) ? 1 : 0
}

async function profile(client: Client, server: Server, name: string): Promise<void> {
  const world = await makeWorld(client)
  await fill(client, world, 0, 1000)
  const loads = await loadsOf(client, world)
  const load = loads.find((one) => one.name === name)
  if (load === undefined) throw new Error(`There is no such operation; take one of: ${loads.map((one) => one.name).join(' | ')}`)
  const seen = (answer: Answer): void => load.seen?.(answer.text)
  await client.flood(1000, load.ask, seen)
  const profiles = await profiled(await server.inspector(), () => client.flood(PROFILED, load.ask, seen))
  for (const line of profileLines(profiles, PROFILED)) say(line)
}

const server = await startServer({ isInspected: values.profile !== undefined })
const client = new Client(server.url)
try {
  if (values.analytics) process.exitCode = (await measureAnalytics(client, server.db, say)) ? 0 : 1
  else await (values.profile === undefined ? measure(client, server) : profile(client, server, values.profile))
} finally {
  client.close()
  await server.stop()
}
