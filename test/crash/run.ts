// `npm run test:crash`: twelve clients write while the whole server is killed again and again. Afterwards nothing that
// was acknowledged is missing, nothing was done twice, and everybody outside was told, once and in order.
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Aftermath } from './check.ts'
import { Client, dataOf, register, type Team } from './clients.ts'
import { Receiver } from './receiver.ts'
import { Server } from './server.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '5' },
    clients: { type: 'string', default: '12' },
    keep: { type: 'boolean', default: false },
  },
})
const KILLS = Number(values.kills)
const CLIENTS = Number(values.clients)
const GROUPS = 3
const DRAINED_WITHIN_MS = 240_000

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

/** The people, their groups, and a webhook endpoint for each group. */
async function settle(origin: string, receiver: Receiver, port: number): Promise<Team[]> {
  const people = []
  for (let i = 0; i < CLIENTS; i++) people.push(await register(origin, `person${i}`))
  const [first] = people
  if (first === undefined) throw new Error('there has to be a client')
  const teams: Team[] = []
  for (let i = 0; i < GROUPS; i++) {
    const { id } = await dataOf<{ id: string }>(origin, first.token, 'POST', '/api/groups/', {
      name: `Team ${i}`,
      currency: 'EUR',
      initial_members: people.slice(1).map((person) => person.email),
    })
    const path = `/hooks/${id}`
    const { secret } = await dataOf<{ secret: string }>(origin, first.token, 'POST', '/api/webhooks/', {
      url: `http://127.0.0.1:${port}${path}`,
      events: ['expense.created', 'expense.updated', 'expense.deleted'],
      group_ids: [id],
    })
    receiver.secrets.set(path, secret)
    teams.push({ id, people })
  }
  return teams
}

/** Kills the server at random moments while the clients go on. */
async function storm(server: Server): Promise<void> {
  for (let i = 1; i <= KILLS; i++) {
    await sleep(3000 + Math.random() * 5000)
    await server.kill()
    const startedAt = Date.now()
    await server.start()
    say(`killed and back after ${((Date.now() - startedAt) / 1000).toFixed(1)} s (${i} of ${KILLS})`)
  }
  await sleep(3000)
}

interface Delivery {
  readonly state: string
}

/** Rings the cron until every webhook has arrived. */
async function drain(server: Server, receiver: Receiver, token: string): Promise<void> {
  const endpoints = await dataOf<{ id: string }[]>(server.origin, token, 'GET', '/api/webhooks/')
  const deadline = Date.now() + DRAINED_WITHIN_MS
  let quiet = 0
  while (Date.now() < deadline && quiet < 3) {
    const before = receiver.received.length
    await server.tick()
    await sleep(1500)
    const pending = await Promise.all(
      endpoints.map(({ id }) =>
        dataOf<Delivery[]>(server.origin, token, 'GET', `/api/webhooks/${id}/deliveries/?state=pending&page_size=1`),
      ),
    )
    quiet = pending.flat().length === 0 && receiver.received.length === before ? quiet + 1 : 0
  }
}

async function audits(origin: string, teams: readonly Team[]): Promise<string[]> {
  const found = await Promise.all(
    teams.map(async ({ id, people }) => {
      const audit = await dataOf<{ violations: { message: string }[] }>(origin, people[0]?.token ?? '', 'GET', `/api/groups/${id}/audit/`)
      return audit.violations.map((violation) => `${id}: ${violation.message}`)
    }),
  )
  return found.flat()
}

const state = await mkdtemp(join(tmpdir(), 'quits-crash-'))
const receiver = new Receiver()
const server = new Server(await freePort(), state)
const startedAt = Date.now()
try {
  const port = await receiver.listen()
  await server.start()
  const teams = await settle(server.origin, receiver, port)
  const [team] = teams
  const clients = (team?.people ?? []).map((person, i) => new Client(server.origin, `client${i}`, person, teams))
  let isOver = false
  const working = Promise.all(clients.map((client) => client.work(() => isOver)))
  await storm(server)
  isOver = true
  await working
  await drain(server, receiver, team?.people[0]?.token ?? '')
  const contradictions = await audits(server.origin, teams)
  await server.stop()
  const wishes = clients.flatMap((client) => client.wishes)
  const aftermath = new Aftermath(state)
  const people = new Map(teams.map(({ id, people: members }) => [id, members.map((member) => member.id)]))
  const findings = [
    { what: 'contradictions that the audit found', found: contradictions },
    ...aftermath.findings(wishes, receiver.received, people),
    { what: 'webhooks with a wrong signature', found: receiver.forged },
  ]
  const { entries, deliveries, attempts, notifications } = aftermath.figures()
  const acknowledged = wishes.filter((wish) => wish.status !== undefined && wish.status < 300).length
  const unique = new Set(receiver.received.map((one) => one.id)).size
  say(`\n${clients.length} clients, ${KILLS} kills of the process group, ${((Date.now() - startedAt) / 1000).toFixed(0)} s`)
  say(
    `${wishes.length} writes wished, ${acknowledged} acknowledged, ${clients.reduce((sum, c) => sum + c.repeated, 0)} asked again; ${entries} entries`,
  )
  say(
    `${deliveries} webhooks in ${attempts} attempts: ${receiver.received.length} came, ${unique} of them different; ${notifications} notifications`,
  )
  for (const { what, found } of findings)
    say(`${String(found.length).padStart(4)} ${what}${found.length > 0 ? `\n       ${found.slice(0, 5).join('\n       ')}` : ''}`)
  process.exitCode = findings.some(({ found }) => found.length > 0) || acknowledged === 0 || unique === 0 ? 1 : 0
} finally {
  await server.kill()
  receiver.close()
  if (values.keep) say(`the state is in ${state}`)
  else await rm(state, { recursive: true, force: true })
}
