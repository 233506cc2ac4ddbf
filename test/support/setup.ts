import { applyD1Migrations } from 'cloudflare:test'
import { beforeAll } from 'vitest'
import { env } from './env.ts'

beforeAll(() => applyD1Migrations(env.DB, env.MIGRATIONS))
