// Starts the measured worker: the bundle that would be deployed, in Miniflare without wrangler dev around it,
// with a state folder of its own that is gone afterwards.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { convertV4MiniflareOptions, Miniflare, type V4WorkerOptions } from 'miniflare'
import { unstable_getMiniflareWorkerOptions, unstable_splitSqlQuery } from 'wrangler'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..')

// Without this wrangler says which file of secrets it read, though none of them is used here.
process.env['WRANGLER_LOG'] ??= 'error'

export interface Server {
  readonly url: URL
  readonly db: D1Database
  /** CPU milliseconds that workerd has used since it started; undefined where there is no /proc. */
  cpuMs(): Promise<number | undefined>
  inspector(): Promise<URL>
  stop(): Promise<void>
}

const FLOOR_TABLES = [
  'CREATE TABLE floor_rows (n INTEGER PRIMARY KEY, name TEXT NOT NULL, amount INTEGER NOT NULL, body TEXT NOT NULL)',
  'CREATE TABLE floor_expenses (n INTEGER PRIMARY KEY, id TEXT, group_id TEXT, date TEXT, kind TEXT, status TEXT, title TEXT, amount_milli INTEGER, currency TEXT, body TEXT)',
  `INSERT INTO floor_expenses SELECT key, 'exp_' || key, 'grp_1', '2026-11-20', 'expense', 'posted', 'Groceries ' || key, 12340, 'EUR', value FROM json_each(?)`,
]

/** Rows of the size of an expense's, and with as many quotes in them. */
const FLOOR_ROWS = JSON.stringify(
  Array.from({ length: 100 }, () => ({
    shares: Array.from({ length: 16 }, (_, i) => ({ member: `mem_01jd3k5m7n9pqrstvwxyz0${1000 + i}`, minor: 3085 + i })),
  })),
)

async function build(folder: string): Promise<void> {
  const wrangler = join(ROOT, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
  await run(process.execPath, [wrangler, 'deploy', 'bench/worker.ts', '--dry-run', '--outdir', folder], { cwd: ROOT })
}

async function migrate(db: D1Database): Promise<void> {
  const folder = join(ROOT, 'migrations')
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted()
  for (const file of files) {
    for (const statement of unstable_splitSqlQuery(await readFile(join(folder, file), 'utf8'))) await db.prepare(statement).run()
  }
  for (const statement of FLOOR_TABLES)
    await db
      .prepare(statement)
      .bind(...(statement.includes('?') ? [FLOOR_ROWS] : []))
      .run()
}

/** The id of the workerd process that this one has started. */
async function findWorkerd(): Promise<number | undefined> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    const [, name, ppid] = /^\d+ \((.*)\) \S (\d+)/.exec(stat) ?? []
    if (name?.startsWith('workerd') === true && Number(ppid) === process.pid) return Number(pid)
  }
  return undefined
}

/** Clock ticks are hundredths of a second on every Linux that Node runs on. */
const TICK_MS = 10

async function cpuMsOf(pid: number | undefined): Promise<number | undefined> {
  if (pid === undefined) return undefined
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

export async function startServer({ isInspected = false } = {}): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'quits-bench-'))
  await build(join(folder, 'bundle'))
  const { workerOptions, externalWorkers } = unstable_getMiniflareWorkerOptions(join(ROOT, 'wrangler.toml'))
  const bundle = await readdir(join(folder, 'bundle'))
  // Assets make Miniflare put a router of its own before the worker, which costs as much as a whole floor.
  // The reader stays away: nothing that is measured reads a receipt.
  const { modulesRules: _, assets: __, serviceBindings: ___, durableObjects, bindings, ...options } = workerOptions as V4WorkerOptions
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...(isInspected && { inspectorPort: 0 }),
      resourcePersistencePath: join(folder, 'state'),
      cf: false,
      workers: [
        {
          ...options,
          modulesRoot: join(folder, 'bundle'),
          modules: [
            { type: 'ESModule', path: join(folder, 'bundle', 'worker.js') },
            ...bundle
              .filter((name) => name.endsWith('.wasm'))
              .map((name) => ({ type: 'CompiledWasm' as const, path: join(folder, 'bundle', name) })),
          ],
          durableObjects: { ...durableObjects, FLOOR: { className: 'FloorObject', useSQLite: true } },
          bindings: {
            ...bindings,
            ENVIRONMENT: 'local',
            RATE_LIMIT_SCALE: '1000000',
            PUBLIC_URL: '',
            RATES_URL: '',
            SECRET: 'a-secret-of-the-benchmark-longer-than-32-bytes',
          },
        },
        ...externalWorkers,
      ],
    }),
  )
  const url = await miniflare.ready
  const db = (await miniflare.getD1Database('DB')) as unknown as D1Database
  await migrate(db)
  const pid = await findWorkerd()
  return {
    url,
    db,
    cpuMs: () => cpuMsOf(pid),
    inspector: () => miniflare.getInspectorURL(),
    stop: async () => {
      await miniflare.dispose()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
