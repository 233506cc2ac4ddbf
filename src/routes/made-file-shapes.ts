// How a file that a job makes looks to whoever asked for it: how far it is, and then a link.
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import type { Job, MadeFile } from '../domain/job.ts'
import { SECOND } from '../domain/time.ts'
import { instant, instantOut } from '../http/fields.ts'
import { fileLink } from '../services/files.ts'
import { percentOf } from './job-shapes.ts'

const STATUSES = ['processing', 'completed', 'failed'] as const
/** What most of them take, to tell when to look again. */
const ESTIMATE_MS = 15 * SECOND

export const FileFields = {
  status: z.enum(STATUSES),
  progress: z.int().min(0).max(100).meta({ description: 'Percent' }),
  estimated_completion: instantOut.nullable(),
  download_url: z.string().nullable().meta({ description: 'A link that needs no credentials, until expires_at' }),
  expires_at: instantOut.nullable(),
  file_name: z.string().nullable(),
  file_size: z.int().nullable().meta({ description: 'Bytes' }),
  sha256: z.string().nullable(),
  generated_at: instantOut.nullable(),
  error: z.string().nullable(),
}

export function fileOut(ctx: Ctx, job: Job<'report' | 'export'>) {
  const file: MadeFile | undefined = job.state === 'done' ? job.result : undefined
  const isOver = job.state === 'done' || job.state === 'failed'
  return {
    status: job.state === 'done' ? ('completed' as const) : job.state === 'failed' ? ('failed' as const) : ('processing' as const),
    progress: percentOf(job),
    estimated_completion: isOver ? null : instant(job.createdAt + ESTIMATE_MS),
    download_url: file === undefined || file.expiresAt <= ctx.now ? null : fileLink(ctx, file.key, file.expiresAt),
    expires_at: file === undefined ? null : instant(file.expiresAt),
    file_name: file?.name ?? null,
    file_size: file?.size ?? null,
    sha256: file?.sha256 ?? null,
    generated_at: job.finishedAt === undefined || file === undefined ? null : instant(job.finishedAt),
    error: job.state === 'failed' ? (job.error ?? '') : null,
  }
}

export const DONE = {
  status: 'completed',
  progress: 100,
  estimated_completion: null,
  expires_at: '2024-01-22T10:30:00.000Z',
  file_size: 2_457_600,
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  generated_at: '2024-01-15T10:32:00.000Z',
  error: null,
}
const NONE = { download_url: null, expires_at: null, file_name: null, file_size: null, sha256: null, generated_at: null, error: null }
export const UNDER_WAY = { ...NONE, status: 'processing', progress: 0, estimated_completion: '2024-01-15T10:35:00.000Z' }
export const LINK = 'https://quits.example/api/files/'
export const SIGNED = '?expires=1705919400&signature=n2zPq8JjW6v3kq1w0m4b9yT5r7x2c8d1e6f3g0h5i4k'
