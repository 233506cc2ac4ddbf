// Files of expenses: a contract, a guarantee, a second photograph. They are kept and not read.
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { id } from '../http/fields.ts'
import { data, member, nothing, operation } from '../http/operation.ts'
import { fileLink } from '../services/files.ts'
import {
  addAttachment,
  ATTACHMENT_MAX_BYTES,
  ATTACHMENT_TYPES,
  deleteAttachment,
  getAttachment,
  listAttachments,
} from '../services/receipts.ts'
import { AttachmentOut, attachmentOut, type Link } from './attachment-shapes.ts'
import { EXAMPLE_ATTACHMENT } from './examples-receipts.ts'

const linkOf =
  (ctx: Ctx): Link =>
  (key) =>
    fileLink(ctx, key)

const tag = 'Receipts'
const ofExpense = z.object({ expense_id: id('expense') })
const path = ofExpense.extend({ attachment_id: id('attachment') })
const groupFails = ['group.forbidden', 'group.archived', 'group.frozen', 'expense.deleted', 'request.stale', 'request.key_reused'] as const

export const attachments = [
  operation({
    id: 'addAttachment',
    on: 'POST /api/expenses/{expense_id}/attachments/',
    summary: 'Attach a file',
    description:
      'Keeps a JPEG, PNG, WebP or PDF of at most 10 MB with the expense, without the place where it was taken. It is not read; 20 files are kept with an expense.',
    tag,
    access: member('expense.update', 'expenses:write'),
    limit: 'write',
    path: ofExpense,
    upload: { field: 'file', types: ATTACHMENT_TYPES, maxBytes: ATTACHMENT_MAX_BYTES },
    reply: data(201, AttachmentOut.extend({ version: z.int() }).meta({ id: 'AddedAttachment' })),
    fails: ['expense.not_found', ...groupFails, 'file.too_many', 'file.unsupported', 'request.too_large', 'request.media_type'],
    example: { reply: { ...EXAMPLE_ATTACHMENT, version: 18 } },
    run: async (ctx, { path: p, file }) => {
      const { attachment, version } = await addAttachment(ctx, p.expense_id, file)
      return { ...attachmentOut(attachment, linkOf(ctx)), version }
    },
  }),
  operation({
    id: 'listAttachments',
    on: 'GET /api/expenses/{expense_id}/attachments/',
    summary: "List an expense's files",
    description: 'Receipts and other files, in the order in which they came.',
    tag,
    access: member('expense.read', 'expenses:read'),
    limit: 'read',
    path: ofExpense,
    reply: data(200, z.array(AttachmentOut)),
    fails: ['expense.not_found'],
    example: { reply: [EXAMPLE_ATTACHMENT] },
    run: async (ctx, { path: p }) => (await listAttachments(ctx, p.expense_id)).map((file) => attachmentOut(file, linkOf(ctx))),
  }),
  operation({
    id: 'getAttachment',
    on: 'GET /api/expenses/{expense_id}/attachments/{attachment_id}/',
    summary: 'Get a file',
    description: 'What is known of the file, with a new link to it.',
    tag,
    access: member('expense.read', 'expenses:read'),
    limit: 'read',
    path,
    reply: data(200, AttachmentOut),
    fails: ['expense.not_found', 'attachment.not_found'],
    example: { reply: EXAMPLE_ATTACHMENT },
    run: async (ctx, { path: p }) => attachmentOut(await getAttachment(ctx, p.expense_id, p.attachment_id), linkOf(ctx)),
  }),
  operation({
    id: 'deleteAttachment',
    on: 'DELETE /api/expenses/{expense_id}/attachments/{attachment_id}/',
    summary: 'Delete a file',
    description: 'Takes the file out of the expense and deletes it for good, with what was read on it.',
    tag,
    access: member('expense.update', 'expenses:write'),
    limit: 'write',
    isGroupWrite: true,
    path,
    reply: nothing,
    fails: ['expense.not_found', 'attachment.not_found', ...groupFails],
    example: {},
    run: (ctx, { path: p }) => deleteAttachment(ctx, p.expense_id, p.attachment_id),
  }),
]
