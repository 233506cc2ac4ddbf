// The list of what a ZIP of an export holds, with the size and the digest of each file, so that anybody can tell later
// whether it is whole. Its entries are sorted and its text is canonical: the same files give the same manifest.
import { type Fault, errorAt } from '../import/draft.ts'
import { err, ok, type Result } from '../result.ts'
import { byCodeUnits, canonicalJson } from './canonical.ts'
import { list, object, required, textThat, whole } from './decode.ts'
import type { ExportAttachment } from './document.ts'

export interface ManifestFile {
  /** Relative, with slashes: `receipts/9f86….jpg`. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Hexadecimal, in small letters. */
  readonly sha256: string
}

const FORMAT = 'quits-manifest'
const VERSION = 1
const MAX_FILES = 100_000

/** Where the manifest itself lies; it is not listed in it. */
export const MANIFEST_PATH = 'manifest.json'

/** A path that stays below the folder it is unpacked into, on every system. */
export const isSafePath = (path: string): boolean =>
  path.length <= 300 &&
  !/[\\:*?"<>|\p{Cc}\p{Cf}]/u.test(path) &&
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !/[. ]$/.test(part))

/** Where the file of an attachment lies in the ZIP: by its digest, so that one that is attached twice lies there once. */
export function pathOfAttachment({ name, sha256 }: Pick<ExportAttachment, 'name' | 'sha256'>): string {
  const extension = /\.([A-Za-z\d]{1,8})$/.exec(name)?.[1]?.toLowerCase()
  return `receipts/${sha256}${extension === undefined ? '' : `.${extension}`}`
}

/**
 * The text of a manifest. Throws `RangeError` for a path that is unsafe or comes twice, differences of case among them: the
 * caller has made the paths.
 */
export function manifestDocument(files: readonly ManifestFile[]): string {
  const wrong = faultsOf(files)[0]
  if (wrong !== undefined) throw new RangeError(`${wrong.message}: ${wrong.got ?? ''}`)
  return canonicalJson({ format: FORMAT, version: VERSION, files: files.toSorted((a, b) => byCodeUnits(a.path, b.path)) })
}

function faultsOf(files: readonly ManifestFile[]): Fault[] {
  const seen = new Set([MANIFEST_PATH])
  return files.flatMap(({ path }, i) => {
    const column = `files[${i}].path`
    if (!isSafePath(path))
      return [errorAt('UNSAFE_PATH', 'The path could leave the folder', { column, expected: 'a relative path', got: path })]
    const key = path.toLowerCase()
    const isTwice = seen.has(key)
    seen.add(key)
    return isTwice
      ? [errorAt('DUPLICATE_PATH', 'The path comes twice', { column, expected: 'a path that none before has', got: path })]
      : []
  })
}

const Manifest = object<{ format: string; version: number; files: ManifestFile[] }>({
  format: required(textThat((value) => value === FORMAT, FORMAT)),
  version: required((value, at, faults) => (value === VERSION ? VERSION : whole(0)(value, at, faults))),
  files: required(
    list(
      object<ManifestFile>({
        path: required(textThat((value) => value.length <= 300, 'a path')),
        size: required(whole(1e12)),
        sha256: required(textThat((value) => /^[\da-f]{64}$/.test(value), '64 hexadecimal digits')),
      }),
      MAX_FILES,
    ),
  ),
})

/** Reads the text of a manifest, or says what is wrong with it. */
export function readManifest(json: string): Result<readonly ManifestFile[], Fault[]> {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return err([errorAt('NOT_JSON', 'The manifest is not JSON', { column: MANIFEST_PATH, expected: 'JSON', got: json.slice(0, 60) })])
  }
  const faults: Fault[] = []
  const manifest = Manifest(value, 'manifest', faults)
  if (manifest === undefined) return err(faults)
  const wrong = faultsOf(manifest.files)
  return wrong.length > 0 ? err(wrong) : ok(manifest.files)
}

/** What of the files at hand is not as the manifest says: missing, changed, or not in it. */
export function checkManifest(manifest: readonly ManifestFile[], found: readonly ManifestFile[]): Fault[] {
  const at = new Map(found.map((file) => [file.path, file]))
  const listed = new Set(manifest.map(({ path }) => path))
  const wrong = manifest.flatMap(({ path, size, sha256 }) => {
    const file = at.get(path)
    if (file === undefined)
      return [errorAt('FILE_MISSING', 'The file is in the manifest and not there', { column: path, expected: sha256 })]
    if (file.sha256 === sha256 && file.size === size) return []
    const [expected, got] = file.size === size ? [sha256, file.sha256] : [`${size} bytes`, `${file.size} bytes`]
    return [errorAt('FILE_CHANGED', 'The file is not the one that was exported', { column: path, expected, got })]
  })
  const extra = found.filter(({ path }) => path !== MANIFEST_PATH && !listed.has(path))
  return [...wrong, ...extra.map(({ path }) => errorAt('FILE_UNLISTED', 'The file is not in the manifest', { column: path }))]
}
