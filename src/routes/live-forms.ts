// What clients of the sockets send.
import { z } from 'zod'
import { id } from '../http/fields.ts'

const seq = z.int().min(0).max(Number.MAX_SAFE_INTEGER)
const token = z.string().min(1).max(2000).meta({ description: 'An access token or an API key' })

export const AuthIn = z.strictObject({ type: z.literal('auth'), token }).meta({ id: 'Auth' })

export const AuthAllIn = AuthIn.extend({
  cursors: z
    .record(id('group'), seq)
    .optional()
    .meta({ description: 'The last entry of each group of which everything was seen; what came after is told again' }),
}).meta({ id: 'AuthAll' })

export const PingIn = z.object({ type: z.literal('ping') }).meta({ id: 'Ping' })

export const WatchQuery = z.strictObject({
  from_seq: z.coerce
    .number()
    .pipe(seq)
    .optional()
    .meta({ description: 'The last entry of which everything was seen; what came after is told again', example: 17 }),
})

export const NoQuery = z.strictObject({})
