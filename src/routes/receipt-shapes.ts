// How receipts, what was read on them, and other files look to clients.
import { z } from 'zod'
import type { Candidate } from '../domain/receipt/candidate.ts'
import { EUR, exponentOf, type Currency } from '../domain/currency.ts'
import { formatMinor } from '../domain/money.ts'
import type { MatchScore } from '../domain/receipt/match.ts'
import { OCR_ENGINES } from '../domain/reading-plan.ts'
import { READING_FAULTS, READING_STATUSES, type Receipt } from '../domain/receipt/receipt.ts'
import type { Check, Field, Reading } from '../domain/receipt/reading.ts'
import { amountOut, dayOut, decimal, instant, instantOut } from '../http/fields.ts'
import { AttachmentOut, attachmentOut, type Link } from './attachment-shapes.ts'

const confidence = z.number().min(0).max(1)

const CHECKS = [
  'items_total',
  'subtotal_tax_total',
  'rounding',
  'cash_change',
  'payment_total',
  'tax_lines',
] as const satisfies readonly Check['kind'][]

export const OcrDataOut = z
  .object({
    vendor: z.string().nullable(),
    date: dayOut.nullable(),
    time: z.string().nullable().meta({ description: 'HH:MM or HH:MM:SS, as printed' }),
    currency: z.string().nullable().meta({ description: 'Null where nothing on the receipt tells' }),
    subtotal: amountOut.nullable(),
    tax: amountOut.nullable(),
    tip: amountOut.nullable(),
    discount: amountOut.nullable(),
    rounding: amountOut.nullable().meta({ description: 'The rounding of cash, with its sign' }),
    total: amountOut.nullable(),
    payment_method: z.enum(['cash', 'card', 'transfer', 'other']).nullable(),
    items: z.array(
      z.object({
        name: z.string(),
        price: amountOut.meta({ description: 'Of the whole line' }),
        quantity: z.string(),
        unit_price: amountOut.nullable(),
        confidence,
      }),
    ),
    confidence: z
      .record(z.string(), confidence)
      .meta({ description: 'How sure each field is that was found, from 0 to 1', example: { vendor: 0.9, date: 0.98, total: 0.99 } }),
    is_proved: z
      .boolean()
      .meta({ description: 'Whether the total follows from other figures on the receipt. A reading is a suggestion all the same.' }),
    checks: z
      .array(
        z.object({
          kind: z.enum(CHECKS),
          holds: z.boolean(),
          expected: amountOut,
          got: amountOut,
          difference: amountOut.meta({ description: 'got less expected' }),
        }),
      )
      .meta({ description: 'The sums that could be made of what was read; what does not add up is among them' }),
  })
  .meta({ id: 'OcrData' })

const FIELDS = ['vendor', 'date', 'time', 'currency', 'subtotal', 'tax', 'tip', 'discount', 'rounding', 'total'] as const

function confidencesOf(reading: Reading): Record<string, number> {
  const all: (readonly [string, Field<unknown>])[] = [
    ...FIELDS.map((name) => [name, reading[name]] as const),
    ['payment_method', reading.paymentMethod],
  ]
  return Object.fromEntries(all.flatMap(([name, field]) => (field === null ? [] : [[name, Math.round(field.confidence * 100) / 100]])))
}

export function ocrDataOut(reading: Reading): z.input<typeof OcrDataOut> {
  // Amounts of a receipt that names no currency have two decimals, as the euro's.
  const unit: Currency = reading.currency?.value ?? EUR
  const amount = (minor: number): string => formatMinor(minor, unit)
  const amountOrNull = (field: Field<number>): string | null => (field === null ? null : amount(field.value))
  return {
    vendor: reading.vendor?.value ?? null,
    date: reading.date?.value ?? null,
    time: reading.time?.value ?? null,
    currency: reading.currency?.value ?? null,
    subtotal: amountOrNull(reading.subtotal),
    tax: amountOrNull(reading.tax),
    tip: amountOrNull(reading.tip),
    discount: amountOrNull(reading.discount),
    rounding: amountOrNull(reading.rounding),
    total: amountOrNull(reading.total),
    payment_method: reading.paymentMethod?.value ?? null,
    items: reading.items.map((item) => ({
      name: item.name,
      price: amount(item.amount),
      quantity: item.quantity,
      unit_price: item.unitPrice === undefined ? null : amount(item.unitPrice),
      confidence: Math.round(item.confidence * 100) / 100,
    })),
    confidence: confidencesOf(reading),
    is_proved: reading.isProved,
    checks: reading.checks.map(({ kind, holds, expected, got, difference }) => ({
      kind,
      holds,
      expected: amount(expected),
      got: amount(got),
      difference: amount(difference),
    })),
  }
}

const ocrFields = {
  ocr_status: z
    .enum(READING_STATUSES)
    .meta({ description: 'processing: a receipt.processed event follows on sockets and webhooks; skipped: this kind of file is not read' }),
  ocr_data: OcrDataOut.nullable().meta({ description: 'What was read; null until it is' }),
  ocr_error: z.enum(READING_FAULTS).nullable().meta({ description: 'Why nothing was read, where the status is failed' }),
}

const ocrOut = (receipt: Receipt) => ({
  ocr_status: receipt.status,
  ocr_data: receipt.reading === undefined ? null : ocrDataOut(receipt.reading),
  ocr_error: receipt.fault ?? null,
})

export const UploadedReceiptOut = z
  .object({ receipt_url: z.string(), receipt_id: z.string(), ...ocrFields, version: z.int() })
  .meta({ id: 'UploadedReceipt' })

export const uploadedReceiptOut = (receipt: Receipt, version: number, link: Link): z.input<typeof UploadedReceiptOut> => ({
  receipt_url: link(receipt.file.key),
  receipt_id: receipt.id,
  ...ocrOut(receipt),
  version,
})

export const ReceiptOut = z
  .object({
    id: z.string(),
    group_id: z.string(),
    expense_id: z.string().nullable().meta({ description: 'The expense that it is of' }),
    file: AttachmentOut.omit({ receipt_id: true }),
    ...ocrFields,
    engine: z.enum(OCR_ENGINES).nullable(),
    created_at: instantOut,
    updated_at: instantOut,
    version: z.int().meta({ description: 'The ETag: the seq that last changed it' }),
  })
  .meta({ id: 'Receipt' })

export function receiptOut(receipt: Receipt, link: Link): z.input<typeof ReceiptOut> {
  const { receipt_id: _, ...file } = attachmentOut(receipt.file, link)
  return {
    id: receipt.id,
    group_id: receipt.groupId,
    expense_id: receipt.expenseId ?? null,
    file,
    ...ocrOut(receipt),
    engine: receipt.engine ?? null,
    created_at: instant(receipt.createdAt),
    updated_at: instant(receipt.updatedAt),
    version: receipt.version,
  }
}

/** How far amounts may be apart. */
export const tolerance = decimal
  .refine((value) => Number(value) >= 0, 'Must not be negative')
  .default('5.00')
  .meta({ description: 'How far amounts may be apart', example: '5.00' })

/** The tolerance in minor units of a currency. */
export const toleranceIn =
  (value: string) =>
  (unit: Currency): number =>
    Math.round(Number(value) * 10 ** exponentOf(unit))

export const scoreFields = {
  match_score: z.number().min(0).max(1),
  amount_difference: amountOut.nullable().meta({ description: "The receipt's total less the expense's amount" }),
  reason: z.string().meta({ example: 'Amount difference within tolerance' }),
  reasons: z.array(z.object({ code: z.string(), message: z.string() })),
}

export function scoreOut({ score, amountDifference, reasons }: MatchScore, currency: Currency) {
  return {
    match_score: score,
    amount_difference: amountDifference === null ? null : formatMinor(amountDifference, currency),
    reason: reasons[0]?.message ?? '',
    reasons: reasons.map(({ code, message }) => ({ code, message })),
  }
}

export const CandidateOut = z
  .object({ expense_id: z.string(), title: z.string(), vendor: z.string(), amount: amountOut, currency: z.string(), expense_date: dayOut })
  .meta({ id: 'MatchCandidate' })

export const candidateOut = ({ id, title, vendor, amount, currency, date }: Candidate): z.input<typeof CandidateOut> => ({
  expense_id: id,
  title,
  vendor,
  amount: formatMinor(amount, currency),
  currency,
  expense_date: date,
})
