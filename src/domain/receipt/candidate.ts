// What a receipt is held against, and which receipts are asked for.
import type { Id } from '../ids.ts'
import type { ExpenseFacts } from './match.ts'
import type { ReadingStatus } from './receipt.ts'

/** An expense, whether it has been found to agree with a receipt already, and which. */
export type Candidate = ExpenseFacts & {
  readonly id: Id<'expense'>
  readonly isReconciled: boolean
  /** Those of its files that were sent as receipts. */
  readonly receipts: readonly Id<'receipt'>[]
}

export interface ReceiptFilter {
  readonly groupId?: Id<'group'>
  readonly status?: ReadingStatus
  /** Whether they are of an expense. */
  readonly isMatched?: boolean
}
