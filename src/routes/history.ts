import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { mapPage } from '../domain/page.ts'
import { formatMinor } from '../domain/money.ts'
import type { BalancesView } from '../domain/views.ts'
import { amountOut, currency, CurrencyOut, currencyOut, day, id, instant, instantOut, memberRef } from '../http/fields.ts'
import { data, list, member, operation } from '../http/operation.ts'
import { pageFields, pageRequest } from '../http/pages.ts'
import { writtenOnce } from '../http/surface.ts'
import { auditGroup } from '../services/audit.ts'
import { fileLink } from '../services/files.ts'
import { getBalances } from '../services/groups.ts'
import { explainDebt, getPastBalances, listActivity } from '../services/history.ts'
import { EXAMPLE_IDS } from './examples.ts'
import type { Link } from './attachment-shapes.ts'
import { PersonOut, personOut } from './expense-shapes.ts'
import { balancesOut, BalancesOut } from './group-shapes.ts'

const linkOf =
  (ctx: Ctx): Link =>
  (key) =>
    fileLink(ctx, key)
const path = z.object({ group_id: id('group') })
const [JOHN, JANE] = EXAMPLE_IDS.users
const usd = { code: 'USD', symbol: '$' }
const john = { id: JOHN, name: 'John Doe' }
const jane = { id: JANE, name: 'Jane Smith' }

const ActivityOut = z
  .object({
    id: z.string(),
    type: z.string(),
    user: PersonOut.nullable(),
    description: z.string(),
    metadata: z.record(z.string(), z.union([z.string(), z.number()])),
    seq: z.int(),
    created_at: instantOut,
  })
  .meta({ id: 'ActivityItem' })

const LineOut = z.object({
  seq: z.int(),
  type: z.string(),
  expense_id: z.string().nullable(),
  title: z.string().nullable(),
  date: z.string().nullable(),
  amount: amountOut,
  created_at: instantOut,
})

const ExplanationOut = z
  .object({
    from: z.object({ id: z.string(), name: z.string() }),
    to: z.object({ id: z.string(), name: z.string() }),
    currency: CurrencyOut,
    amount: amountOut.meta({
      description: 'What the balances show that from owes to; negative the other way round. It is the sum of lines, earlier and rerouted.',
    }),
    lines: z.array(LineOut),
    earlier: amountOut.meta({ description: 'What entries older than the lines come to' }),
    rerouted: amountOut.meta({ description: 'What simplifying moved here from debts with other members' }),
  })
  .meta({ id: 'Explanation' })

const AuditOut = z
  .object({
    group_id: z.string(),
    is_sound: z.boolean(),
    entries: z.int(),
    head: z.string().meta({ description: 'SHA-256 of the last entry, chained to all before it' }),
    violations: z.array(z.object({ invariant: z.string(), seq: z.int().nullable(), message: z.string() })),
  })
  .meta({ id: 'Audit' })

const shown = new WeakMap<BalancesView, z.input<typeof BalancesOut>>()

/** The balances as they are now; the same object as long as they are, so that it is spelled and written once. */
function shownBalances(view: BalancesView): z.input<typeof BalancesOut> {
  const out = shown.get(view) ?? writtenOnce(balancesOut(view))
  shown.set(view, out)
  return out
}

export const history = [
  operation({
    id: 'getBalances',
    on: 'GET /api/groups/{group_id}/balances/',
    summary: 'Get the balances of a group',
    description:
      'What each member is owed (positive) or owes (negative), and the fewest payments that would clear the group, with the partition that proves it. as_of_seq or as_of_date give the balances of the past: as of the end of that day in UTC, as recorded by then.',
    tag: 'Balances',
    access: member('group.read', 'groups:read'),
    limit: 'read',
    path,
    query: z
      .strictObject({ as_of_seq: z.coerce.number().int().min(0).max(1e12).optional(), as_of_date: day.optional() })
      .refine((query) => query.as_of_seq === undefined || query.as_of_date === undefined, 'Say as_of_seq or as_of_date, not both'),
    reply: data(200, BalancesOut),
    fails: ['group.not_found'],
    example: {
      reply: {
        seq: 17,
        balances: [
          { user: john, member_id: EXAMPLE_IDS.member, balance: '-45.67', currency: usd, owes: [{ to_user: jane, amount: '45.67' }] },
        ],
        simplified_debts: [{ from: john, to: jane, amount: '45.67', currency: usd }],
        is_simplified: true,
        optimal: true,
        certificate: [{ currency: 'USD', members: [JOHN, JANE] }],
      },
    },
    run: async (ctx, { path: p, query }) => {
      const { as_of_seq: seq, as_of_date: date } = query
      if (seq === undefined && date === undefined) return shownBalances(await getBalances(ctx, p.group_id))
      const past = await getPastBalances(ctx, p.group_id, date === undefined ? { seq: seq ?? 0 } : { day: date })
      return balancesOut({
        seq: past.seq,
        info: past.members.info,
        members: past.members.members,
        balances: past.balances,
        debts: past.debts,
      })
    },
  }),
  operation({
    id: 'explainDebt',
    on: 'GET /api/groups/{group_id}/debts/{from_id}/{to_id}/explain/',
    summary: 'Explain a debt',
    description: 'The entries that add up to what one member owes another, newest first, and what simplifying moved between them.',
    tag: 'Balances',
    access: member('group.read', 'groups:read'),
    limit: 'read',
    path: z.object({ group_id: id('group'), from_id: memberRef, to_id: memberRef }),
    query: z.strictObject({ currency: currency.optional().meta({ description: "The group's when absent" }) }),
    reply: data(200, ExplanationOut),
    fails: ['group.not_found', 'member.not_found'],
    example: {
      reply: {
        from: john,
        to: jane,
        currency: usd,
        amount: '45.67',
        lines: [
          {
            seq: 12,
            type: 'expense_recorded',
            expense_id: EXAMPLE_IDS.expense,
            title: 'Groceries',
            date: '2024-01-15',
            amount: '45.67',
            created_at: '2024-01-15T10:30:00.000Z',
          },
        ],
        earlier: '0.00',
        rerouted: '0.00',
      },
    },
    run: async (ctx, { path: p, query }) => {
      const e = await explainDebt(ctx, p.group_id, p.from_id, p.to_id, query.currency)
      const amount = (minor: number): string => formatMinor(minor, e.currency)
      return {
        from: { id: e.from.userId ?? e.from.id, name: e.from.name },
        to: { id: e.to.userId ?? e.to.id, name: e.to.name },
        currency: currencyOut(e.currency),
        amount: amount(e.shown),
        lines: e.lines.map(({ entry, minor }) => ({
          seq: entry.seq,
          type: entry.type,
          expense_id: entry.expense?.id ?? null,
          title: entry.expense?.title ?? null,
          date: entry.expense?.date ?? null,
          amount: amount(minor),
          created_at: instant(entry.at),
        })),
        earlier: amount(e.earlier),
        rerouted: amount(e.rerouted),
      }
    },
  }),
  operation({
    id: 'listActivity',
    on: 'GET /api/groups/{group_id}/activity/',
    summary: 'List the activity of a group',
    description: 'Everything that happened in the group, newest first: its journal in words.',
    tag: 'Groups',
    access: member('group.read', 'groups:read'),
    limit: 'read',
    path,
    query: z.strictObject(pageFields),
    reply: list(ActivityOut),
    fails: ['group.not_found'],
    example: {
      reply: [
        {
          id: 'act_17',
          type: 'expense_added',
          user: { ...john, avatar: null },
          description: "John Doe added 'Groceries' expense of $45.67",
          metadata: { expense_id: EXAMPLE_IDS.expense, amount: '45.67', currency: 'USD', seq: 17 },
          seq: 17,
          created_at: '2024-01-15T10:30:00.000Z',
        },
      ],
    },
    run: async (ctx, { path: p, query }) =>
      mapPage(await listActivity(ctx, p.group_id, pageRequest(query)), ({ entry, type, actor, description, metadata }) => ({
        id: `act_${entry.seq}`,
        type,
        user: actor === undefined ? null : personOut(actor, actor.id, linkOf(ctx)),
        description,
        metadata,
        seq: entry.seq,
        created_at: instant(entry.at),
      })),
  }),
  operation({
    id: 'auditGroup',
    on: 'GET /api/groups/{group_id}/audit/',
    summary: 'Audit a group',
    description:
      'Checks every invariant of the ledger: sums, balances, gaps, the hash chain, and a replay of the whole journal against every row of the tables, column by column, and the live balances. A contradiction is named by the seq of the entry that wrote what was changed, where one did, and freezes the group.',
    tag: 'Balances',
    access: member('group.read', 'groups:read'),
    limit: 'analytics',
    path,
    reply: data(200, AuditOut),
    fails: ['group.not_found'],
    example: {
      reply: {
        group_id: EXAMPLE_IDS.group,
        is_sound: true,
        entries: 17,
        head: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
        violations: [],
      },
    },
    run: async (ctx, { path: p }) => {
      const audit = await auditGroup(ctx, p.group_id)
      return {
        group_id: audit.groupId,
        is_sound: audit.violations.length === 0,
        entries: audit.entries,
        head: audit.head.hash,
        violations: audit.violations.map((v) => ({ invariant: v.invariant, seq: v.seq ?? null, message: v.message })),
      }
    },
  }),
]
