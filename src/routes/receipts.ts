// Receipts: sent with an expense or before there is one, read, matched to an expense or made into one, reconciled.
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { mapPage } from '../domain/page.ts'
import { READING_STATUSES } from '../domain/receipt/receipt.ts'
import { flag, id } from '../http/fields.ts'
import { data, list, member, nothing, operation, user } from '../http/operation.ts'
import { pageFields, pageRequest } from '../http/pages.ts'
import { fileLink } from '../services/files.ts'
import { createExpenseFromReceipt, listReceiptMatches, matchReceipt } from '../services/receipt-expenses.ts'
import {
  addReceipt,
  ATTACHMENT_MAX_BYTES,
  ATTACHMENT_TYPES,
  awaitReading,
  deleteReceipt,
  getReceipt,
  listReceipts,
  rereadReceipt,
  uploadReceipt,
} from '../services/receipts.ts'
import type { Link } from './attachment-shapes.ts'
import { EXAMPLE_EXPENSE, EXAMPLE_IDS } from './examples.ts'
import { EXAMPLE_OCR, EXAMPLE_RECEIPT } from './examples-receipts.ts'
import { CreateExpenseFromReceiptIn, fieldsOf } from './expense-forms.ts'
import { ExpenseOut, expenseOut } from './expense-shapes.ts'
import {
  CandidateOut,
  candidateOut,
  ReceiptOut,
  receiptOut,
  scoreFields,
  tolerance,
  toleranceIn,
  scoreOut,
  UploadedReceiptOut,
  uploadedReceiptOut,
} from './receipt-shapes.ts'

const linkOf =
  (ctx: Ctx): Link =>
  (key) =>
    fileLink(ctx, key)

const path = z.object({ receipt_id: id('receipt') })
const tag = 'Receipts'
const read = member('expense.read', 'expenses:read')
const write = member('expense.update', 'expenses:write')
const upload = { field: 'receipt', types: ATTACHMENT_TYPES, maxBytes: ATTACHMENT_MAX_BYTES } as const
const uploadFails = ['file.unsupported', 'request.too_large', 'request.media_type', 'request.key_reused'] as const
const groupFails = ['group.forbidden', 'group.archived', 'group.frozen'] as const
const fails = ['receipt.not_found', ...groupFails, 'request.stale', 'request.key_reused'] as const

/** The receipt as it is now, for a client whose If-Match was of another version. */
const current = async (ctx: Ctx, input: { readonly path: z.output<typeof path> }) =>
  receiptOut(await getReceipt(ctx, input.path.receipt_id), linkOf(ctx))

export const receipts = [
  operation({
    id: 'uploadReceipt',
    on: 'POST /api/expenses/{expense_id}/receipt/',
    summary: 'Upload a receipt',
    description:
      'Keeps a JPEG, PNG, WebP or PDF of at most 10 MB with the expense, without the place where it was taken, and has pictures read. Waits a few seconds for what is read: vendor, date, amounts, items, and whether they add up. If that takes longer, ocr_status is processing, and a receipt.processed event follows. What was read changes nothing by itself.',
    tag,
    access: write,
    limit: 'write',
    path: z.object({ expense_id: id('expense') }),
    upload,
    reply: data(200, UploadedReceiptOut),
    fails: ['expense.not_found', 'expense.deleted', 'file.too_many', ...groupFails, 'request.stale', ...uploadFails],
    example: { reply: { receipt_url: EXAMPLE_RECEIPT.file.url, receipt_id: EXAMPLE_RECEIPT.id, ...EXAMPLE_OCR, version: 18 } },
    run: async (ctx, { path: p, file }) => {
      const { receipt, version } = await uploadReceipt(ctx, p.expense_id, file)
      return uploadedReceiptOut(await awaitReading(ctx, receipt), version, linkOf(ctx))
    },
  }),
  operation({
    id: 'addReceipt',
    on: 'POST /api/receipts/',
    summary: 'Send a receipt',
    description:
      'Keeps and reads a receipt that is of no expense yet, in the group of group_id or for oneself. Afterwards it can be matched to an expense or made into one.',
    tag,
    access: user('expenses:write'),
    limit: 'write',
    query: z.strictObject({ group_id: id('group').optional() }),
    upload,
    reply: data(201, ReceiptOut),
    fails: ['group.not_found', ...groupFails, ...uploadFails],
    example: { reply: EXAMPLE_RECEIPT },
    run: async (ctx, { query, file }) => receiptOut(await awaitReading(ctx, await addReceipt(ctx, file, query.group_id)), linkOf(ctx)),
  }),
  operation({
    id: 'listReceipts',
    on: 'GET /api/receipts/',
    summary: 'List receipts',
    description: 'The receipts of all your groups, or of one of them, the newest first.',
    tag,
    access: user('expenses:read'),
    limit: 'read',
    query: z.strictObject({
      ...pageFields,
      group_id: id('group').optional(),
      ocr_status: z.enum(READING_STATUSES).optional(),
      is_matched: flag.optional().meta({ description: 'Whether they are of an expense', example: 'false' }),
    }),
    reply: list(ReceiptOut),
    fails: [],
    example: { reply: [EXAMPLE_RECEIPT] },
    run: async (ctx, { query }) => {
      const filter = {
        ...(query.group_id && { groupId: query.group_id }),
        ...(query.ocr_status && { status: query.ocr_status }),
        ...(query.is_matched !== undefined && { isMatched: query.is_matched }),
      }
      return mapPage(await listReceipts(ctx, filter, pageRequest(query)), (receipt) => receiptOut(receipt, linkOf(ctx)))
    },
  }),
  operation({
    id: 'getReceipt',
    on: 'GET /api/receipts/{receipt_id}/',
    summary: 'Get a receipt',
    description: 'The receipt with what was read on it.',
    tag,
    access: read,
    limit: 'read',
    path,
    reply: data(200, ReceiptOut),
    fails: ['receipt.not_found'],
    example: { reply: EXAMPLE_RECEIPT },
    run: async (ctx, { path: p }) => receiptOut(await getReceipt(ctx, p.receipt_id), linkOf(ctx)),
  }),
  operation({
    id: 'deleteReceipt',
    on: 'DELETE /api/receipts/{receipt_id}/',
    summary: 'Delete a receipt',
    description: 'Takes it away for good, its file included, and out of its expense.',
    tag,
    access: write,
    limit: 'write',
    isGroupWrite: true,
    path,
    current,
    reply: nothing,
    fails,
    example: {},
    run: (ctx, { path: p }) => deleteReceipt(ctx, p.receipt_id),
  }),
  operation({
    id: 'rereadReceipt',
    on: 'POST /api/receipts/{receipt_id}/read/',
    summary: 'Read a receipt again',
    description: 'As after a failure. Waits a few seconds for the reading; an earlier one is kept until there is another.',
    tag,
    access: write,
    limit: 'write',
    isGroupWrite: true,
    path,
    current,
    reply: data(200, ReceiptOut),
    fails: [...fails, 'receipt.state'],
    example: { reply: EXAMPLE_RECEIPT },
    run: async (ctx, { path: p }) => receiptOut(await awaitReading(ctx, await rereadReceipt(ctx, p.receipt_id)), linkOf(ctx)),
  }),
  operation({
    id: 'listReceiptMatches',
    on: 'GET /api/receipts/{receipt_id}/matches/',
    summary: 'Find the expense of a receipt',
    description:
      'The expenses of its group that it may be the receipt of, by amount, day and vendor, the likeliest first. Without a day on the receipt, those of the last 90 days are looked at.',
    tag,
    access: read,
    limit: 'read',
    path,
    query: z.strictObject({ tolerance }),
    reply: data(200, z.object({ matches: z.array(CandidateOut.extend(scoreFields)) }).meta({ id: 'ReceiptMatches' })),
    fails: ['receipt.not_found'],
    example: {
      reply: {
        matches: [
          {
            expense_id: EXAMPLE_IDS.expense,
            title: EXAMPLE_EXPENSE.title,
            vendor: EXAMPLE_EXPENSE.vendor,
            amount: '250.00',
            currency: 'USD',
            expense_date: '2024-01-14',
            match_score: 1,
            amount_difference: '0.00',
            reason: 'The amount is the same',
            reasons: [{ code: 'amount_exact', message: 'The amount is the same' }],
          },
        ],
      },
    },
    run: async (ctx, { path: p, query }) => {
      const matches = await listReceiptMatches(ctx, p.receipt_id, toleranceIn(query.tolerance))
      return { matches: matches.map(({ expense, match }) => ({ ...candidateOut(expense), ...scoreOut(match, expense.currency) })) }
    },
  }),
  operation({
    id: 'matchReceipt',
    on: 'POST /api/receipts/{receipt_id}/match/',
    summary: 'Match a receipt to an expense',
    description: 'Makes it the receipt of the expense, and notes that the two agree unless is_reconciled is false.',
    tag,
    access: write,
    limit: 'write',
    isGroupWrite: true,
    path,
    current,
    body: z.strictObject({ expense_id: id('expense'), is_reconciled: z.boolean().default(true) }).meta({ id: 'MatchReceipt' }),
    reply: data(200, ExpenseOut),
    fails: [...fails, 'receipt.matched', 'expense.not_found', 'expense.deleted', 'file.too_many'],
    example: { body: { expense_id: EXAMPLE_IDS.expense }, reply: EXAMPLE_EXPENSE },
    run: async (ctx, { path: p, body }) =>
      expenseOut(await matchReceipt(ctx, p.receipt_id, body.expense_id, body.is_reconciled), linkOf(ctx)),
  }),
  operation({
    id: 'createExpenseFromReceipt',
    on: 'POST /api/receipts/{receipt_id}/expense/',
    summary: 'Create an expense from a receipt',
    description:
      "Records an expense in the receipt's group with what was read; what is sent comes before that. With is_claimed its lines become those of an itemised expense that members claim; what the lines don't explain of the total is a line of its own.",
    tag,
    access: member('expense.create', 'expenses:write'),
    limit: 'write',
    isGroupWrite: true,
    path,
    body: CreateExpenseFromReceiptIn,
    reply: data(201, ExpenseOut, 'Expense created successfully'),
    fails: [
      'receipt.not_found',
      ...groupFails,
      'receipt.matched',
      'receipt.unread',
      'expense.invalid',
      'split.invalid',
      'member.inactive',
      'expense.rate_unknown',
      'request.key_reused',
    ],
    example: { body: { title: 'Dinner at Italian Restaurant', is_claimed: true }, reply: EXAMPLE_EXPENSE },
    run: async (ctx, { path: p, body: { is_claimed: isClaimed, ...body } }) =>
      expenseOut(await createExpenseFromReceipt(ctx, p.receipt_id, { fields: fieldsOf(body), isClaimed }), linkOf(ctx)),
  }),
]
