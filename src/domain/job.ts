// A piece of work that somebody asked for, that takes longer than a request, and that they can look at.
import type { Span } from './analytics/range.ts'
import type { Currency } from './currency.ts'
import type { Id } from './ids.ts'
import type { ImportResult } from './import/settings.ts'
import type { ReportOptions, ReportType } from './report/sources.ts'
import type { Timestamp } from './time.ts'

/** Each kind of job: what is to be done, and what came of it. */
export interface JobKinds {
  readonly webhook_replay: {
    readonly input: { readonly endpointId: Id<'webhook'>; readonly groupId: Id<'group'>; readonly fromSeq: number }
    readonly result: { readonly deliveries: number }
  }
  readonly report: { readonly input: ReportInput; readonly result: MadeFile }
  readonly export: { readonly input: ExportInput; readonly result: MadeFile }
  readonly import: { readonly input: ImportInput; readonly result: ImportResult }
}

/** What is done with an import: its lines go into the group, or come out of it again. */
interface ImportInput {
  readonly importId: Id<'import'>
  readonly step: 'commit' | 'undo'
}

export const REPORT_FORMATS = ['pdf', 'xlsx', 'csv', 'json'] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]

/** A report as it was asked for. */
export interface ReportInput {
  readonly type: ReportType
  readonly format: ReportFormat
  readonly span: Span
  /** All of the asker's where there are none. */
  readonly groupIds: readonly Id<'group'>[]
  readonly categoryIds: readonly Id<'category'>[]
  readonly currency?: Currency
  /** Whose statement it is: a user, or a guest of the one group; the asker where absent. */
  readonly member?: string
  readonly options: ReportOptions
  /** The schedule that had it made; absent where a person asked. */
  readonly scheduleId?: Id<'schedule'>
}

/** A report but for its days. */
export type ReportRequest = Omit<ReportInput, 'span' | 'scheduleId'>

export const EXPORT_FORMATS = ['csv', 'xlsx', 'json', 'zip'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** Of one group, or everything of the person who asks. */
export const EXPORT_SCOPES = ['group', 'all'] as const
export type ExportScope = (typeof EXPORT_SCOPES)[number]

interface ExportInput {
  /** null: every group that its owner is in. */
  readonly groupId: Id<'group'> | null
  readonly format: ExportFormat
}

/** What a job has stored, under a key that follows from the job's id, so that a run that is repeated overwrites itself. */
export interface MadeFile {
  readonly key: string
  readonly name: string
  readonly type: string
  readonly size: number
  readonly sha256: string
  readonly expiresAt: Timestamp
}
export type JobKind = keyof JobKinds
export type JobState = 'queued' | 'running' | 'done' | 'failed'

export interface Job<K extends JobKind = JobKind> {
  readonly id: Id<'job'>
  readonly userId: Id<'user'>
  readonly kind: K
  readonly input: JobKinds[K]['input']
  readonly result?: JobKinds[K]['result']
  readonly state: JobState
  readonly doneUnits: number
  /** 0 while nobody knows. */
  readonly totalUnits: number
  readonly attempts: number
  readonly error?: string
  readonly createdAt: Timestamp
  readonly updatedAt: Timestamp
  readonly finishedAt?: Timestamp
}

/** An effect on the outside that was tried as often as makes sense, and given up. */
export interface DeadLetter {
  readonly id: Id<'outbox'>
  readonly kind: string
  readonly groupId: Id<'group'> | null
  readonly attempts: number
  readonly deadAt: Timestamp | null
  readonly error: string | null
}
