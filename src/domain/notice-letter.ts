// The letters of notifications: one by itself, several gathered, a debt, a month. Links lead to the app where there is one.
import type { Currency } from './currency.ts'
import type { Id } from './ids.ts'
import type { Letter, Part, Row } from './letter.ts'
import { isCurrency } from './currency.ts'
import { parseMoney } from './money.ts'
import type { Notification } from './notification.ts'
import { amountText, monthText } from './reminder.ts'
import type { OpenDebt, Statement, StatementLine } from './statement.ts'

/** Where the app is that opens what a notification is about; empty where there is none. */
export type AppUrl = string

const MOST_LINES = 30

const linkTo = (app: AppUrl, label: string, path: string | undefined): Part[] =>
  app === '' || path === undefined ? [] : [{ link: label, to: app + path }]

/** The kind of notification in words: `balance reminder notifications`. */
export const kindText = (type: string): string => `${type.replaceAll('_', ' ')} notifications`

function owedRow({ metadata }: Notification, group: string | undefined): Row[] {
  const { amount, currency } = metadata
  if (typeof amount !== 'string' || typeof currency !== 'string' || !isCurrency(currency)) return []
  const money = parseMoney(amount, currency)
  return typeof money === 'string' ? [] : [{ label: group ?? 'You owe', amount: amountText(money.minor, currency) }]
}

/** One notification as a mail of its own; a debt with its amount in a table. */
export function noticeLetter(notice: Notification, app: AppUrl, group?: string): Letter {
  const { title, message, sender, type, actionUrl } = notice
  const isDebt = type === 'balance_reminder' || type.startsWith('payment_')
  const rows = isDebt ? owedRow(notice, group) : []
  return {
    subject: title,
    preheader: message,
    parts: [
      { heading: title },
      ...(rows.length > 0 ? [{ rows }] : []),
      message,
      ...linkTo(app, isDebt ? 'See the balances' : 'Open in Quits', actionUrl),
      ...(sender === undefined ? [] : [{ small: `From ${sender.name}` }]),
    ],
  }
}

const newestFirst = (a: Notification, b: Notification): number => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1)

/** Several notifications in one mail, by group, the newest first; beyond thirty only their number. */
export function digestLetter(notices: readonly Notification[], groups: ReadonlyMap<Id<'group'>, string>, app: AppUrl): Letter {
  const sorted = [...notices].sort(newestFirst)
  const shown = Map.groupBy(sorted.slice(0, MOST_LINES), (notice) => notice.groupId)
  const count = (groupId: Id<'group'> | undefined): number => sorted.filter((notice) => notice.groupId === groupId).length
  const sections = [...shown].flatMap(([groupId, some]): Part[] => [
    { heading: `${groupId === undefined ? 'Your account' : (groups.get(groupId) ?? 'A group')} (${count(groupId)})` },
    { rows: some.map(({ title, message }) => ({ label: title, detail: message })) },
  ])
  const left = sorted.length - MOST_LINES
  return {
    subject: `${notices.length} notifications from Quits`,
    preheader: sorted
      .slice(0, 3)
      .map(({ title }) => title)
      .join(' · '),
    parts: [
      `Hello, ${notices.length} things have happened since we last wrote.`,
      ...sections,
      ...(left > 0 ? [`and ${left} more.`] : []),
      ...linkTo(app, 'See all notifications', '/notifications'),
    ],
  }
}

const balanceText = (minor: number, currency: Currency): string =>
  minor === 0 ? 'square' : minor < 0 ? `you owe ${amountText(-minor, currency)}` : `you are owed ${amountText(minor, currency)}`

const lineRows = ({ currency, opening, paid, share, closing }: StatementLine): Row[] => [
  { label: 'At the start of the month', amount: balanceText(opening, currency) },
  { label: 'You paid', amount: amountText(paid, currency) },
  { label: 'Your share', amount: amountText(share, currency) },
  { label: 'At the end of the month', amount: balanceText(closing, currency) },
]

const debtRow = ({ group, other, minor, currency }: OpenDebt): Row =>
  minor < 0
    ? { label: `You pay ${other}`, amount: amountText(-minor, currency), detail: group }
    : { label: `${other} pays you`, amount: amountText(minor, currency), detail: group }

/** A month of a person, group by group, and what is open on the day that it is sent. */
export function statementLetter(name: string, { month, lines, debts }: Statement, app: AppUrl): Letter {
  const sections = lines.flatMap((line): Part[] => [{ heading: `${line.group} (${line.currency})` }, { rows: lineRows(line) }])
  return {
    subject: `Your statement for ${monthText(month)}`,
    preheader:
      lines.length === 0 ? 'Nothing moved.' : lines.map((line) => `${line.group}: ${balanceText(line.closing, line.currency)}`).join(' · '),
    parts: [
      `Hello ${name},`,
      lines.length === 0
        ? `In ${monthText(month)} nothing moved in your groups, and nothing was open.`
        : `this was your ${monthText(month)}.`,
      ...sections,
      ...(debts.length > 0 ? [{ heading: 'Open today' }, { rows: debts.map(debtRow) }] : []),
      ...linkTo(app, 'See the balances', '/balances'),
      ...(lines.length > 0
        ? [{ small: 'As recorded by the end of the month where you live. What was changed later counts from when it was changed.' }]
        : []),
    ],
  }
}
