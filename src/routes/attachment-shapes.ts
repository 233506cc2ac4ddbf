// How the files of expenses look to clients.
import { z } from 'zod'
import { thumbnailKey, type Attachment } from '../domain/expense.ts'

/** Makes the link under which an avatar or a receipt can be fetched. */
export type Link = (key: string) => string

export const AttachmentOut = z
  .object({
    id: z.string(),
    name: z.string(),
    type: z.string(),
    size: z.int(),
    sha256: z.string(),
    url: z.string().meta({ description: 'A link that expires' }),
    thumbnail_url: z.string().nullable().meta({ description: 'A small picture of it, 320 pixels at most' }),
    receipt_id: z.string().nullable().meta({ description: 'Where it was sent as a receipt' }),
  })
  .meta({ id: 'Attachment' })

export const attachmentOut = (file: Attachment, link: Link): z.input<typeof AttachmentOut> => ({
  id: file.id,
  name: file.name,
  type: file.type,
  size: file.size,
  sha256: file.sha256,
  url: link(file.key),
  thumbnail_url: file.hasThumbnail === true ? link(thumbnailKey(file.key)) : null,
  receipt_id: file.receipt ?? null,
})
