// Starts Workers as they would be deployed - built by wrangler, in one Miniflare, without wrangler dev around them.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { convertV4MiniflareOptions, Miniflare, type V4WorkerOptions } from 'miniflare'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'

const ROOT = join(import.meta.dirname, '..')

export interface Running {
  readonly url: URL
  readonly stop: () => Promise<void>
}

/** A Worker by its wrangler.toml, from the project's root, and what is other than there. */
export interface Built {
  readonly name: string
  readonly config: string
  readonly options?: (configured: V4WorkerOptions) => Partial<V4WorkerOptions>
}

async function build(config: string, folder: string): Promise<void> {
  const wrangler = join(ROOT, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
  const env = { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_METRICS: 'false' }
  await promisify(execFile)(process.execPath, [wrangler, 'deploy', '-c', config, '--dry-run', '--outdir', folder], { cwd: ROOT, env })
}

async function builtOptions({ name, config, options }: Built, folder: string) {
  await build(join(ROOT, config), folder)
  const { workerOptions, externalWorkers } = unstable_getMiniflareWorkerOptions(join(ROOT, config))
  const { modulesRules: _, ...configured } = workerOptions as V4WorkerOptions
  const files = await readdir(folder)
  const modules = (end: string, type: 'ESModule' | 'CompiledWasm') =>
    files.filter((file) => file.endsWith(end)).map((file) => ({ type, path: join(folder, file) }))
  const own: V4WorkerOptions = {
    ...configured,
    ...options?.(configured),
    name,
    modulesRoot: folder,
    // The first is the one that is run.
    modules: [...modules('.js', 'ESModule'), ...modules('.wasm', 'CompiledWasm')],
  }
  return [own, ...externalWorkers]
}

/** Builds and starts them; the first one answers at the address. `inline` Workers need no building, and come before all others. */
export async function startWorkers(built: readonly Built[], inline: readonly V4WorkerOptions[] = []): Promise<Running> {
  // Without this wrangler says which file of secrets it read, though none of them is used here.
  process.env['WRANGLER_LOG'] ??= 'error'
  const folder = await mkdtemp(join(tmpdir(), 'quits-'))
  const configured: V4WorkerOptions[] = []
  for (const [i, one] of built.entries()) configured.push(...(await builtOptions(one, join(folder, String(i)))))
  const compatibilityDate = configured[0]?.compatibilityDate
  const workers = [...inline.map((worker) => ({ ...(compatibilityDate && { compatibilityDate }), ...worker })), ...configured]
  const miniflare = new Miniflare(convertV4MiniflareOptions({ cf: false, resourcePersistencePath: join(folder, 'state'), workers }))
  return {
    url: await miniflare.ready,
    stop: async () => {
      await miniflare.dispose()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
