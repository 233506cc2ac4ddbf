// Makes a clone ready on a machine that has only Node 20 and npm: packages as locked, the pinned Node, types,
// and development secrets. Does only what is missing, so it costs nothing the second time.
import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'node_modules', '.bin')

/** The environment of every tool: the pinned Node first, quiet and offline. */
export const env = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
}

/** Runs a tool to its end; on failure shows what it said and ends this process with its status. */
export function run(command, args, { quiet = false } = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: quiet ? 'pipe' : 'inherit',
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (result.status === 0) return
  if (quiet) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`)
  process.exit(result.status ?? 1)
}

function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const mark = join(root, 'node_modules', '.quits-lock')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) return
  console.log('Installing packages as locked…')
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { quiet: true })
  writeFileSync(mark, lock)
}

function makeSecrets() {
  const file = join(root, '.dev.vars')
  if (existsSync(file)) return
  writeFileSync(file, `SECRET=${randomBytes(32).toString('base64')}\n`, { mode: 0o600 })
}

function makeTypes() {
  if (existsSync(join(root, 'worker-configuration.d.ts'))) return
  run('wrangler', ['types', '--include-env', 'false'], { quiet: true })
}

export function prepare() {
  install()
  makeSecrets()
  makeTypes()
}
