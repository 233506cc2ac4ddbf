// Host names at which a dialect is spoken, so that the paths of its document work there without the prefix.
import type { Dialect } from './dialect.ts'

/** The prefix that the setting (`api.one.example=basic,…`) gives to the host; empty where it names none. */
export function prefixOfHost(host: string, setting: string, dialects: readonly Pick<Dialect, 'name' | 'prefix'>[]): string {
  const bindings = setting.split(',').map((binding) => binding.split('=').map((part) => part.trim().toLowerCase()))
  const name = bindings.find(([bound]) => bound === host.toLowerCase())?.[1]
  return dialects.find((dialect) => dialect.name === name)?.prefix ?? ''
}

/** The path as the routes know it: below the prefix of the host, unless it is there already, and without a slash at its end. */
export function pathBelow(prefix: string, path: string): string {
  const isBelow = prefix === '' || path === prefix || path.startsWith(`${prefix}/`)
  const full = isBelow ? path : `${prefix}${path}`
  return full.length > 1 && full.endsWith('/') ? full.slice(0, -1) : full
}
