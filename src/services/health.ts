// Whether the service can do its work, for those who watch over it.
import type { Ctx } from '../context.ts'
import { ping } from '../db/client.ts'
import { AppError } from '../domain/errors.ts'

/** Returns if the database answers; throws `service.busy` if it does not. */
export async function getHealth(ctx: Ctx): Promise<{ readonly database: 'ok' }> {
  try {
    await ping(ctx.db)
    return { database: 'ok' }
  } catch {
    throw new AppError('service.busy', [{ field: 'database', message: 'The database does not answer', code: 'UNREACHABLE' }], {
      retryAfterS: 5,
    })
  }
}
