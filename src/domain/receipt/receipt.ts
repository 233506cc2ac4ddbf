// A receipt: a file that somebody sent, what was read on it, and the expense that it proves.
import type { Attachment, MemberId } from '../expense.ts'
import type { Id } from '../ids.ts'
import type { Timestamp } from '../time.ts'
import type { OcrEngine } from './page.ts'
import type { Reading } from './reading.ts'

/** `skipped`: a file that is kept and not read, as a PDF is. */
export const READING_STATUSES = ['processing', 'completed', 'failed', 'skipped'] as const
export type ReadingStatus = (typeof READING_STATUSES)[number]

/** Why a picture gave nothing. `unavailable`: no engine could be reached, however often it was tried. */
export const READING_FAULTS = ['corrupt', 'unsupported', 'too_large', 'no_text', 'unavailable'] as const
export type ReadingFault = (typeof READING_FAULTS)[number]

/** What came of reading it. */
export type ReadingResult =
  | { readonly status: 'completed'; readonly reading: Reading; readonly engine: OcrEngine }
  | { readonly status: 'failed'; readonly fault: ReadingFault }

export interface Receipt {
  readonly id: Id<'receipt'>
  readonly groupId: Id<'group'>
  readonly file: Attachment
  /** Absent while it is of no expense. */
  readonly expenseId?: Id<'expense'>
  readonly status: ReadingStatus
  readonly reading?: Reading
  readonly engine?: OcrEngine
  readonly fault?: ReadingFault
  readonly createdBy: MemberId
  readonly createdAt: Timestamp
  readonly updatedAt: Timestamp
  readonly deletedAt?: Timestamp
  /** The seq of the entry that last changed it: its ETag. */
  readonly version: number
}
