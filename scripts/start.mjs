// `npm start`: Quits on this machine, with a demo. Ctrl-C ends everything it started.
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { env, prepare, root, run } from './prepare.mjs'

const port = Number(process.env.PORT ?? 8000)
const state = process.env.QUITS_STATE ?? '.wrangler/state'
const origin = `http://localhost:${port}`
const TICK_MS = 60_000
const READY_WITHIN_MS = 60_000

if (!Number.isInteger(port) || port < 1 || port > 65_535) {
  console.error(`PORT must be a number from 1 to 65535, got ${process.env.PORT}`)
  process.exit(1)
}

/**
 * All Workers' assets in one folder. Started together they read from that of the first alone (Miniflare gives its storage
 * of assets no name of their own), so locally the first one gets everything. A deployment needs none of this.
 */
function uniteAssets() {
  const united = join(root, 'dist', 'local-assets')
  const folders = [join(root, 'node_modules', 'swagger-ui-dist'), ...['models', 'fonts'].map((name) => join(root, 'dist', name))]
  rmSync(united, { recursive: true, force: true })
  mkdirSync(united, { recursive: true })
  for (const folder of folders.filter(existsSync)) {
    for (const { name } of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())) {
      try {
        linkSync(join(folder, name), join(united, name))
      } catch {
        copyFileSync(join(folder, name), join(united, name))
      }
    }
  }
  return united
}

prepare()
const assets = uniteAssets()
run('wrangler', ['d1', 'migrations', 'apply', 'quits', '--local', '--persist-to', state], { quiet: true })

const variables = {
  ENVIRONMENT: 'local',
  PUBLIC_URL: '',
  RATES_URL: '',
  RATE_LIMIT_SCALE: process.env.RATE_LIMIT_SCALE ?? '1',
  JOBS_ORIGIN: origin,
  // Cards go to Stripe where its key is in the environment, and to the sandbox where it is not; receipts to the engine that it names.
  ...Object.fromEntries(
    [
      'STRIPE_SECRET_KEY',
      'STRIPE_WEBHOOK_SECRET',
      'STRIPE_API_BASE',
      'OCR_ENGINE',
      'WORKERS_AI_URL',
      'WORKERS_AI_MODEL',
      'WORKERS_AI_TOKEN',
    ].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  ),
}
const server = spawn(
  'wrangler',
  [
    ...[
      'dev',
      // The second Worker reads receipts, the third draws documents; all run in one process.
      ...['-c', 'wrangler.toml', '-c', 'src/reader/wrangler.toml', '-c', 'src/press/wrangler.toml'],
      ...['--assets', assets],
      '--port',
      String(port),
      '--persist-to',
      state,
      '--inspector-port',
      '0',
      '--log-level',
      'error',
      '--show-interactive-dev-session=false',
    ],
    ...Object.entries(variables).flatMap(([name, value]) => ['--var', `${name}:${value}`]),
  ],
  // In the process group of this script, so that whoever kills the group leaves nothing running.
  { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] },
)

/** Every process and its parent: from /proc, or by ps where there is no such folder. */
function processes() {
  if (existsSync('/proc/self/stat')) {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    return pids.flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        return [[Number(pid), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]]
      } catch {
        return []
      }
    })
  }
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  return (stdout ?? '')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
}

/** The processes that came from this one, however far down. */
function descendants(of) {
  const all = processes()
  const below = (pid) => all.filter(([, parent]) => parent === pid).flatMap(([child]) => [child, ...below(child)])
  return below(of)
}

function signal(pid, name) {
  try {
    process.kill(pid, name)
  } catch {
    // It is gone already.
  }
}

let isEnding = false
function end(status) {
  if (isEnding) return
  isEnding = true
  clearInterval(ticks)
  if (process.platform === 'win32') {
    server.kill()
    process.exit(status)
  }
  const started = descendants(server.pid)
  signal(server.pid, 'SIGTERM')
  setTimeout(() => {
    for (const pid of [server.pid, ...started]) signal(pid, 'SIGKILL')
    process.exit(status)
  }, 500)
}
process.on('SIGINT', () => end(0))
process.on('SIGTERM', () => end(0))
process.on('SIGHUP', () => end(0))
server.on('exit', (status) => {
  if (!isEnding) console.error(`The server ended by itself (${status}). Is port ${port} in use?`)
  end(status ?? 1)
})

/** Locally nobody rings the cron, so this does. */
const tick = () => fetch(`${origin}/cdn-cgi/local/scheduled?cron=*+*+*+*+*`).catch(() => {})
const ticks = setInterval(tick, TICK_MS)

async function untilReady() {
  const deadline = Date.now() + READY_WITHIN_MS
  while (Date.now() < deadline && !isEnding) {
    const reply = await fetch(`${origin}/api/health/`).catch(() => undefined)
    if (reply?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  if (!isEnding) throw new Error(`no answer from ${origin}/api/health/ within ${READY_WITHIN_MS / 1000} s`)
}

function greet(demo) {
  console.log(`\nQuits is at ${origin}   reference: ${origin}/docs   mail: ${origin}/dev/mail`)
  if (demo === undefined) return
  const json = `-H 'Content-Type: application/json'`
  const auth = `-H "Authorization: Bearer $TOKEN"`
  console.log(`Demo login: ${demo.email}  ${demo.password}\n\nTry it:`)
  console.log(
    `  TOKEN=$(curl -s ${origin}/api/auth/login/ ${json} -d '${JSON.stringify({ email: demo.email, password: demo.password })}' | sed 's/.*"access":"\\([^"]*\\)".*/\\1/')`,
  )
  console.log(`  curl -s ${origin}/api/groups/${demo.group_id}/balances/ ${auth}`)
  console.log(`  curl -s ${origin}/api/expenses/ ${auth} ${json} -d '{"title":"Coffee","amount":"12.00","group_id":"${demo.group_id}"}'`)
  console.log('\nCtrl-C ends it.')
}

try {
  await untilReady()
  const isDemo = process.env.DEMO !== '0'
  const reply = isDemo ? await fetch(`${origin}/dev/demo`, { method: 'POST' }) : undefined
  if (reply !== undefined && !reply.ok) throw new Error(`the demo could not be made: ${await reply.text()}`)
  if (!isEnding) greet(reply === undefined ? undefined : await reply.json())
} catch (error) {
  console.error(String(error))
  end(1)
}
