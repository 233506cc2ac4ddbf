// Everybody has a group of one, made with the account: a personal expense is an expense in it.
import type { Ctx } from '../context.ts'
import type { Statement } from '../db/client.ts'
import { START } from '../db/chain.ts'
import { commitStatements } from '../db/journal.ts'
import { skipNews } from '../db/told.ts'
import { apply } from '../domain/apply.ts'
import type { Currency } from '../domain/currency.ts'
import { decide } from '../domain/decide.ts'
import { EMPTY, type GroupSettings } from '../domain/group.ts'
import type { Command } from '../domain/commands.ts'
import { newId, type Id } from '../domain/ids.ts'
import { valueOf } from './command.ts'

interface NewUser {
  readonly id: Id<'user'>
  readonly name: string
  readonly email: string
  readonly currency: Currency
}

export const DEFAULT_GROUP_SETTINGS: GroupSettings = {
  simplifyDebts: true,
  requireApproval: false,
  autoReminder: true,
  currencies: 'converted',
}

/**
 * The personal group of a new user, and the statements that make it in the batch that makes the user. It is
 * decided here and not by its object, because nobody can have asked that object before the batch is through.
 */
export function personalGroup(ctx: Ctx, user: NewUser): { groupId: Id<'group'>; statements: readonly Statement[] } {
  const groupId = newId('group')
  const info = {
    id: groupId,
    name: 'Personal',
    description: '',
    type: 'personal',
    isPersonal: true,
    currency: user.currency,
    isPrivate: true,
    settings: DEFAULT_GROUP_SETTINGS,
  } as const
  const member = { id: newId('member'), userId: user.id, name: user.name, email: user.email, role: 'owner' } as const
  const command: Command = { type: 'create_group', info, members: [member], invitations: [] }
  const order = { commandId: newId('command'), actor: user.id, command }
  const entry = valueOf(
    decide({ state: EMPTY, expense: () => undefined, settlement: () => undefined, receipt: () => undefined }, order, ctx.now),
  )
  const commit = { groupId, head: START, entries: [entry], after: apply(EMPTY, entry), replies: [], effects: [] }
  return { groupId, statements: [...commitStatements(ctx.db, commit), skipNews(ctx.db, groupId, entry.seq)] }
}
