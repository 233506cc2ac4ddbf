import { env as bare } from 'cloudflare:workers'
import type { D1Migration } from 'cloudflare:test'
import type { Env } from '../../src/env.ts'

/** The bindings of the worker under test; the pool adds the migrations to them. */
export const env = bare as unknown as Env & { readonly MIGRATIONS: D1Migration[] }
