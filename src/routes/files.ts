// Files: the caller's avatar on its way in, and every stored file on its way out, through a signed link.
import { z } from 'zod'
import { data, operation, anyone, raw, user, type Operation } from '../http/operation.ts'
import { AVATAR_MAX_BYTES, AVATAR_TYPES, readFile, uploadAvatar } from '../services/files.ts'

const AvatarOut = z.object({ avatar_url: z.url().meta({ description: 'Signed link, good for one to two hours' }) }).meta({ id: 'Avatar' })

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const SERVED = ['image/jpeg', 'image/png', 'image/webp', 'application/pdf', 'text/csv', 'application/json', 'application/zip', XLSX]

export const files: readonly Operation[] = [
  operation({
    id: 'uploadAvatar',
    on: 'POST /api/users/me/avatar/',
    summary: 'Upload an avatar',
    description:
      'Takes a JPEG, PNG or WebP of at most 5 MB and 40 megapixels. Camera, time and place are removed from it. Replaces the avatar there was.',
    tag: 'Users',
    access: user('profile:write'),
    limit: 'write',
    upload: { field: 'avatar', types: AVATAR_TYPES, maxBytes: AVATAR_MAX_BYTES },
    reply: data(200, AvatarOut),
    fails: ['file.unsupported'],
    example: {
      reply: {
        avatar_url:
          'https://quits.example/api/files/avatars/0b0c7c5e-6f0e-4d0b-9a43-2f1f0c9f6a11?expires=1795258800&signature=n2zPq8JjW6v3kq1w0m4b9yT5r7x2c8d1e6f3g0h5i4k',
      },
    },
    run: async (ctx, { file }) => ({ avatar_url: await uploadAvatar(ctx, file) }),
  }),
  operation({
    id: 'readFile',
    on: 'GET /api/files/{area}/{name}/',
    summary: 'Download a file',
    description:
      'Where the links of avatars, receipts, reports and exports lead. A link is signed, needs no credentials and expires; whoever may see the resource is given a new one with it.',
    tag: 'Files',
    access: anyone,
    limit: 'read',
    path: z.object({ area: z.enum(['avatars', 'receipts', 'thumbnails', 'reports', 'exports']), name: z.uuid() }),
    query: z.strictObject({
      expires: z.coerce
        .number()
        .int()
        .min(0)
        .max(1e11)
        .meta({ description: 'When the link ends, in seconds since the epoch', example: 1795258800 }),
      signature: z
        .string()
        .max(100)
        .meta({ description: 'Proof that we made the link', example: 'n2zPq8JjW6v3kq1w0m4b9yT5r7x2c8d1e6f3g0h5i4k' }),
    }),
    reply: raw(...SERVED),
    fails: ['file.not_found'],
    example: {},
    run: (ctx, { path, query }) => readFile(ctx, `${path.area}/${path.name}`, query.expires, query.signature),
  }),
]
