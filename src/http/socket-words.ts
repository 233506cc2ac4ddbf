// What a socket says about itself on every surface: that something is wrong, and that it is still there.
import { z } from 'zod'
import { ERRORS, type Failure } from '../domain/errors.ts'
import { DetailOut } from './errors.ts'

export const RefusalOut = z
  .object({ type: z.literal('error'), data: z.object({ code: z.string(), message: z.string(), details: z.array(DetailOut) }) })
  .meta({ id: 'SocketError', description: 'The same as the `error` of a reply' })

export function refusalOut({ code, details }: Failure): z.input<typeof RefusalOut> {
  const { code: spoken, message } = ERRORS[code]
  return { type: 'error', data: { code: spoken, message, details: [...details] } }
}

export const PongOut = z.object({ type: z.literal('pong') }).meta({ id: 'Pong' })
