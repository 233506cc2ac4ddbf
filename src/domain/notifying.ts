// What entries come to for each person who is concerned: whom they are told to, and in which words. Nobody is told
// of what they did themselves, of what they cannot see, or of money that does not count yet.
import { audiencesOf } from './audience.ts'
import { symbolOf } from './currency.ts'
import type { Expense, MemberId } from './expense.ts'
import { findMember, isPresent, type Entry, type GroupInfo, type Member, type State } from './group.ts'
import type { Id } from './ids.ts'
import { formatMinor } from './money.ts'
import { NOTIFICATION_TYPES, type Notification, type NotificationType } from './notification.ts'
import { tellingsOfPayments, type Telling } from './notifying-payments.ts'
import { allows } from './roles.ts'
import type { Settlement } from './settlement.ts'
import type { News } from './telling.ts'

/** What entries don't say. */
interface Knowledge {
  /** The id of what one person is told of an entry: the same each time. */
  readonly idOf: (seq: number, userId: Id<'user'>, type: NotificationType) => Id<'notification'>
  /** Whose account the address is. */
  readonly accountOf: (email: string) => Id<'user'> | undefined
}

/** One entry and its surroundings. */
interface Occasion {
  readonly entry: Entry
  readonly state: State
  readonly info: GroupInfo
  /** Who did it, by name. */
  readonly who: string
  readonly accountOf: Knowledge['accountOf']
}

const usersOf = (state: State, members: Iterable<MemberId>): (Id<'user'> | undefined)[] =>
  [...new Set(members)].map((id) => state.members.get(id)?.userId)

const approversOf = ({ members }: State): (Id<'user'> | undefined)[] =>
  [...members.values()].filter((m) => isPresent(m) && allows(m.role, 'expense.approve')).map((m) => m.userId)

/** Those who paid for the expense or share in it, now or before the entry, and who wrote it down. */
const concernedIn = (expense: Expense, { reversal }: Entry): MemberId[] => [
  expense.createdBy,
  ...expense.payers.map((payer) => payer.member),
  ...expense.shares.map((share) => share.member),
  ...reversal.map((posting) => posting.member),
]

/** `'Groceries' expense of $45.67` */
const nameOf = ({ title, kind, amount, currency }: Expense): string =>
  `'${title}' ${kind} of ${symbolOf(currency)}${formatMinor(amount, currency)}`

const COMMENT_SHOWN = 140
const shortened = (text: string): string => (text.length > COMMENT_SHOWN ? `${text.slice(0, COMMENT_SHOWN - 1).trimEnd()}…` : text)

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

const VERB = { expense_updated: 'changed', expense_split_updated: 'split', expense_restored: 'restored' } as const

function changed({ entry, state, info, who }: Occasion, expense: Expense, type: keyof typeof VERB): Telling[] {
  const verb = VERB[type]
  // Of what does not count only its author knows, and those for whom it did until now.
  const to = expense.status === 'posted' ? concernedIn(expense, entry) : [expense.createdBy, ...entry.reversal.map((p) => p.member)]
  const asked = expense.status === 'pending' ? [approvalOf({ entry, state, info, who }, expense)] : []
  const message = `${who} ${verb} ${nameOf(expense)}${type === 'expense_split_updated' ? ' anew' : ''}`
  const title = `${capitalized(expense.kind)} ${type === 'expense_restored' ? 'restored' : 'changed'} in ${info.name}`
  return [...asked, { type: 'expense_updated', to: usersOf(state, to), title, message }]
}

const approvalOf = ({ state, info, who }: Omit<Occasion, 'accountOf'>, expense: Expense): Telling => ({
  type: 'approval_requested',
  to: approversOf(state),
  title: `Approval needed in ${info.name}`,
  message: `${who} asks for approval of ${nameOf(expense)}`,
})

const added = ({ entry, state, info }: Occasion, expense: Expense): Telling => {
  const author = state.members.get(expense.createdBy)
  const to = usersOf(state, concernedIn(expense, entry)).filter((user) => user !== author?.userId)
  const message = `${author?.name ?? 'Quits'} added ${nameOf(expense)}`
  return { type: 'expense_added', to, title: `New ${expense.kind} in ${info.name}`, message, sender: author }
}

function aboutExpense(at: Occasion, expense: Expense): Telling[] {
  const { entry, state, info, who } = at
  const author = usersOf(state, [expense.createdBy])
  const word = capitalized(expense.kind)
  switch (entry.type) {
    case 'expense_recorded':
      return [expense.status === 'pending' ? approvalOf(at, expense) : added(at, expense)]
    case 'expense_updated':
    case 'expense_split_updated':
    case 'expense_restored':
      return changed(at, expense, entry.type)
    case 'expense_deleted': {
      const to = expense.status === 'posted' ? usersOf(state, concernedIn(expense, entry)) : author
      return [{ type: 'expense_deleted', to, title: `${word} deleted in ${info.name}`, message: `${who} deleted ${nameOf(expense)}` }]
    }
    case 'expense_approved': {
      const message = `${who} approved ${nameOf(expense)}`
      return [{ type: 'expense_approved', to: author, title: `${word} approved in ${info.name}`, message }, added(at, expense)]
    }
    case 'expense_rejected':
      return [
        { type: 'expense_rejected', to: author, title: `${word} rejected in ${info.name}`, message: `${who} rejected ${nameOf(expense)}` },
      ]
    case 'expense_commented': {
      const others = expense.activity.filter((step) => step.type === 'commented').map((step) => step.member)
      const to = usersOf(state, expense.status === 'posted' ? [...concernedIn(expense, entry), ...others] : [expense.createdBy, ...others])
      const message = `${who} commented on '${expense.title}': ${shortened(entry.comment?.text ?? '')}`
      return [{ type: 'expense_commented', to, title: `New comment in ${info.name}`, message }]
    }
    default:
      return []
  }
}

/** The users in the group but those. */
const othersIn = ({ members }: State, ...but: readonly (Id<'user'> | undefined)[]): (Id<'user'> | undefined)[] =>
  [...members.values()].filter((m) => isPresent(m) && !but.includes(m.userId)).map((m) => m.userId)

function aboutMember(at: Occasion, member: Member): Telling[] {
  const { entry, state, info, who, accountOf } = at
  const { userId, name } = member
  const isGuest = userId === undefined
  const others = othersIn(state, userId)
  const [joins, leaves] = [`New member in ${info.name}`, `A member left ${info.name}`]
  switch (entry.type) {
    case 'member_added':
      if (isGuest) return []
      return [welcome(at, [userId]), { type: 'member_joined', to: others, title: joins, message: `${who} added ${name} to ${info.name}` }]
    case 'member_joined':
      return [{ type: 'member_joined', to: others, title: joins, message: `${name} joined ${info.name}` }]
    case 'member_left':
      return [{ type: 'member_left', to: others, title: leaves, message: `${name} left ${info.name}` }]
    case 'member_removed': {
      if (isGuest) return []
      const message = `${who} removed you from ${info.name}`
      return [
        { type: 'member_removed', to: [userId], title: `You are no longer in ${info.name}`, message },
        { type: 'member_left', to: others, title: leaves, message: `${who} removed ${name} from ${info.name}` },
      ]
    }
    case 'member_updated': {
      // Names are changed by the system, when a profile has changed.
      if (entry.actor === undefined) return []
      const message = `${who} gave you the role of ${member.role} in ${info.name}`
      return [{ type: 'role_changed', to: [userId], title: `Your role in ${info.name}`, message }]
    }
    case 'member_invited': {
      const message = `${who} invited you to ${info.name}; the link to accept is in your mail`
      const to = member.email === undefined ? [] : [accountOf(member.email)]
      return [{ type: 'group_invitation', to, title: `Invitation to ${info.name}`, message }]
    }
    default:
      return []
  }
}

const welcome = ({ info, who }: Occasion, to: Telling['to']): Telling => ({
  type: 'group_added',
  to,
  title: `You are now in ${info.name}`,
  message: `${who} added you to ${info.name}`,
})

/** Steps of an import that ask something of somebody; of the others nobody is told one by one. */
const ASKING: ReadonlySet<Entry['type']> = new Set(['settlement_requested', 'settlement_reported'])

function tellingsOf(at: Occasion): Telling[] {
  const { entry } = at
  if (entry.import !== undefined && !ASKING.has(entry.type)) return []
  if (entry.expense !== undefined) return aboutExpense(at, entry.expense)
  if (entry.type === 'group_created')
    return [
      welcome(
        at,
        (entry.members ?? []).map((member) => member.userId),
      ),
    ]
  if (entry.settlements !== undefined) return tellingsOfPayments(at)
  const [member] = entry.members ?? []
  return member === undefined ? [] : aboutMember(at, member)
}

/** Where an app shows it. */
function pathOf({ expense }: Entry, { id }: GroupInfo, settlement: Settlement | undefined): string {
  if (settlement !== undefined) return `/payments/settlements/${settlement.id}`
  return expense === undefined ? `/groups/${id}` : `/expenses/${expense.id}`
}

/** Told to somebody who cannot see the group: who is asked in, or was put out. */
const OF_NO_MEMBER: ReadonlySet<NotificationType> = new Set(['group_invitation', 'member_removed'])

function metadataOf(
  { entry: { expense, comment, members, seq, type }, info }: Occasion,
  settlement?: Settlement,
): Notification['metadata'] {
  const about = { group_id: info.id, group_name: info.name, seq }
  if (settlement !== undefined) {
    const { id, amount, currency, status } = settlement
    return { settlement_id: id, ...about, amount: formatMinor(amount, currency), currency, status }
  }
  if (expense !== undefined) {
    const money = { amount: formatMinor(expense.amount, expense.currency), currency: expense.currency }
    return { expense_id: expense.id, ...about, ...money, ...(comment !== undefined && { comment_id: comment.id }) }
  }
  const [member] = members ?? []
  return member === undefined || type === 'group_created' ? about : { ...about, member_id: member.id, role: member.role }
}

function notificationsOfEntry(at: Occasion, audience: ReadonlySet<Id<'user'>>, idOf: Knowledge['idOf']): Notification[] {
  const { entry, info, state } = at
  const actor = entry.actor === undefined ? undefined : findMember(state, entry.actor)
  const told = new Set<Id<'user'> | undefined>([undefined, entry.actor])
  return tellingsOf(at).flatMap(({ type, to, title, message, about, sender = actor }) => {
    const metadata = metadataOf(at, about)
    const isOutside = OF_NO_MEMBER.has(type)
    const path = pathOf(entry, info, about)
    return to.flatMap((userId) => {
      if (userId === undefined || told.has(userId) || !(isOutside || audience.has(userId))) return []
      told.add(userId)
      return {
        id: idOf(entry.seq, userId, type),
        userId,
        type,
        priority: NOTIFICATION_TYPES[type].priority,
        title,
        message,
        ...(sender !== undefined && { sender: { id: sender.userId ?? sender.id, name: sender.name } }),
        metadata,
        ...(!isOutside && { actionUrl: path }),
        groupId: info.id,
        seq: entry.seq,
        createdAt: entry.at,
      }
    })
  })
}

/** The addresses that the entries invite: whose they are is to be known before anybody is told. */
export const invitedBy = ({ entries }: News): string[] => [
  ...new Set(entries.flatMap(({ type, members }) => (type === 'member_invited' ? (members ?? []).flatMap((m) => m.email ?? []) : []))),
]

/** Everything that people are told of the entries, in their order. Of a personal group there is nothing to tell. */
export function notificationsOf(news: News, { idOf, accountOf }: Knowledge): Notification[] {
  const { entries, state } = news
  const { info } = state
  if (info === undefined || info.isPersonal) return []
  const audiences = audiencesOf(news)
  return entries.flatMap((entry) => {
    const who = (entry.actor === undefined ? undefined : findMember(state, entry.actor))?.name ?? 'Quits'
    const at: Occasion = { entry, state, info, who, accountOf }
    return notificationsOfEntry(at, audiences.get(entry.seq) ?? new Set(), idOf)
  })
}
