import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { AppError } from '../domain/errors.ts'
import { GROUP_TYPES } from '../domain/group.ts'
import type { GroupFields } from '../domain/commands.ts'
import { parseMoney } from '../domain/money.ts'
import { USD, type Currency } from '../domain/currency.ts'
import { mapPage } from '../domain/page.ts'
import { LONGEST } from '../domain/written.ts'
import { currency, decimal, email, flag, id, line, text } from '../http/fields.ts'
import { data, list, member, operation, user } from '../http/operation.ts'
import { pageFields, pageRequest } from '../http/pages.ts'
import { fileLink } from '../services/files.ts'
import {
  archiveGroup,
  createGroup,
  getGroup,
  joinGroup,
  listBalances,
  listGroups,
  unarchiveGroup,
  updateGroup,
} from '../services/groups.ts'
import { DEFAULT_GROUP_SETTINGS } from '../services/personal.ts'
import { EXAMPLE_GROUP, EXAMPLE_GROUP_FACTS, EXAMPLE_IDS } from './examples.ts'
import type { Link } from './attachment-shapes.ts'
import { groupLineOut, GroupLineOut, groupOfOutcome, groupOut, GroupOut, MyBalancesOut, myBalancesOut } from './group-shapes.ts'

const linkOf =
  (ctx: Ctx): Link =>
  (key) =>
    fileLink(ctx, key)
const tag = 'Groups'
const path = z.object({ group_id: id('group') })

/** `personal` groups are made with the account, not by request. */
const groupType = z.enum(GROUP_TYPES).exclude(['personal']).meta({ example: 'trip' })

const settingsIn = z.strictObject({
  simplify_debts: z.boolean().optional(),
  require_approval: z.boolean().optional(),
  approval_threshold: decimal
    .nullable()
    .optional()
    .meta({ description: 'With require_approval: only what exceeds it waits. null: everything does.' }),
  auto_reminder: z.boolean().optional(),
  trust_payers: z
    .boolean()
    .optional()
    .meta({ description: "Whether a settlement is paid when its payer says so (the default), or needs the payee's word" }),
  currencies: z
    .enum(['converted', 'separate'])
    .optional()
    .meta({ description: "converted: balances in the group's currency; separate: one balance for each currency" }),
})

const CreateGroupIn = z
  .strictObject({
    name: line(LONGEST.groupName, 1).meta({ example: 'Europe Trip 2024' }),
    description: text(LONGEST.groupDescription).default(''),
    group_type: groupType.default('other'),
    currency: currency.optional().meta({ description: 'USD when absent' }),
    is_private: z.boolean().default(false).meta({ description: 'true: nobody joins by the invite code' }),
    initial_members: z.array(email).max(50).default([]),
    settings: settingsIn.optional(),
  })
  .meta({ id: 'CreateGroup' })

const UpdateGroupIn = z
  .strictObject({
    name: line(LONGEST.groupName, 1).optional(),
    description: text(LONGEST.groupDescription).optional(),
    group_type: groupType.optional(),
    currency: currency.optional().meta({ description: 'Only while nothing is posted' }),
    is_private: z.boolean().optional(),
    settings: settingsIn.optional(),
  })
  .refine((given) => Object.keys(given).length > 0, 'Say at least one field')
  .meta({ id: 'UpdateGroup' })

type Settings = z.output<typeof settingsIn>

/** The threshold in minor units of the currency it is meant in. */
function thresholdOf(given: Settings, unit: Currency): number | null | undefined {
  const value = given.approval_threshold
  if (value === undefined || value === null) return value
  const parsed = parseMoney(value, unit)
  if (typeof parsed === 'object' && parsed.minor >= 0) return parsed.minor
  throw new AppError('request.invalid', [
    { field: 'settings.approval_threshold', message: `Must be an amount of ${unit} of 0 or more`, code: 'INVALID_AMOUNT', got: value },
  ])
}

const settingsFields = (given: Settings, unit: Currency): NonNullable<GroupFields['settings']> =>
  Object.fromEntries(
    Object.entries({
      simplifyDebts: given.simplify_debts,
      requireApproval: given.require_approval,
      approvalThreshold: thresholdOf(given, unit),
      autoReminder: given.auto_reminder,
      trustPayers: given.trust_payers,
      currencies: given.currencies,
    }).filter(([, value]) => value !== undefined),
  )

async function fieldsOf(ctx: Ctx, groupId: z.output<typeof path>['group_id'], given: z.output<typeof UpdateGroupIn>): Promise<GroupFields> {
  const { group_type: type, is_private: isPrivate, settings, name, description, currency: unit } = given
  const needsCurrency = typeof settings?.approval_threshold === 'string' && unit === undefined
  const meant = needsCurrency ? (await getGroup(ctx, groupId, 'group.update')).info.currency : (unit ?? USD)
  return {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(type !== undefined && { type }),
    ...(unit !== undefined && { currency: unit }),
    ...(isPrivate !== undefined && { isPrivate }),
    ...(settings !== undefined && { settings: settingsFields(settings, meant) }),
  }
}

const changeFails = ['group.not_found', 'group.forbidden', 'group.frozen', 'request.key_reused', 'request.stale'] as const

export const groups = [
  operation({
    id: 'listGroups',
    on: 'GET /api/groups/',
    summary: 'List your groups',
    description:
      'The groups you are in, newest first, each with its figures and where you stand in it. Your personal group is not among them.',
    tag,
    access: user('groups:read'),
    limit: 'read',
    query: z.strictObject({
      ...pageFields,
      is_active: flag.optional(),
      group_type: groupType.optional(),
      search: line(100, 1).optional().meta({ description: 'Part of the name or description' }),
    }),
    reply: list(GroupLineOut),
    fails: [],
    example: {
      reply: [
        {
          ...EXAMPLE_GROUP_FACTS,
          total_expenses: '4567.89',
          unsettled_amount: '234.56',
          my_balance: '-45.67',
          is_admin: true,
          role: 'owner',
        },
      ],
    },
    run: async (ctx, { query }) => {
      const filter = {
        ...(query.is_active !== undefined && { isActive: query.is_active }),
        ...(query.group_type && { type: query.group_type }),
        ...(query.search && { search: query.search }),
      }
      return mapPage(await listGroups(ctx, filter, pageRequest(query)), (lineOf) => groupLineOut(lineOf, linkOf(ctx)))
    },
  }),
  operation({
    id: 'createGroup',
    on: 'POST /api/groups/',
    summary: 'Create a group',
    description:
      'You become its owner. People of initial_members who have an account are members at once; the others become guests who may be charged right away, and get an invitation by mail.',
    tag,
    access: user('groups:write'),
    limit: 'write',
    isGroupWrite: true,
    body: CreateGroupIn,
    reply: data(201, GroupOut),
    fails: ['request.key_reused'],
    example: {
      body: {
        name: 'Europe Trip 2024',
        description: 'Summer vacation to Europe',
        group_type: 'trip',
        currency: 'EUR',
        is_private: false,
        initial_members: ['user@example.com', 'friend@example.com'],
      },
      reply: EXAMPLE_GROUP,
    },
    run: async (ctx, { body }) => {
      const unit = body.currency ?? USD
      const { approvalThreshold, ...given } = settingsFields(body.settings ?? {}, unit)
      const settings = {
        ...DEFAULT_GROUP_SETTINGS,
        ...given,
        ...(typeof approvalThreshold === 'number' && { approvalThreshold }),
      } as typeof DEFAULT_GROUP_SETTINGS
      const { name, description, group_type: type, is_private: isPrivate, initial_members: initialMembers } = body
      return groupOfOutcome(
        await createGroup(ctx, { name, description, type, currency: unit, isPrivate, settings, initialMembers }),
        linkOf(ctx),
      )
    },
  }),
  operation({
    id: 'getGroup',
    on: 'GET /api/groups/{group_id}/',
    summary: 'Get a group',
    description: 'The group with its settings and statistics, from memory.',
    tag,
    access: member('group.read', 'groups:read'),
    limit: 'read',
    path,
    reply: data(200, GroupOut),
    fails: ['group.not_found'],
    example: { reply: EXAMPLE_GROUP },
    run: async (ctx, { path: p }) => groupOut(await getGroup(ctx, p.group_id), linkOf(ctx)),
  }),
  operation({
    id: 'updateGroup',
    on: 'PATCH /api/groups/{group_id}/',
    summary: 'Update a group',
    description: 'Changes the fields that are sent; the others stay.',
    tag,
    access: member('group.update', 'groups:write'),
    limit: 'write',
    isGroupWrite: true,
    path,
    body: UpdateGroupIn,
    reply: data(200, GroupOut),
    fails: [...changeFails, 'group.archived'],
    example: {
      body: { name: 'Apartment 2B', description: 'Updated description', settings: { simplify_debts: false } },
      reply: EXAMPLE_GROUP,
    },
    current: async (ctx, { path: p }) => groupOut(await getGroup(ctx, p.group_id), linkOf(ctx)),
    run: async (ctx, { path: p, body }) =>
      groupOfOutcome(await updateGroup(ctx, p.group_id, await fieldsOf(ctx, p.group_id, body)), linkOf(ctx)),
  }),
  ...(['archive', 'unarchive'] as const).map((verb) =>
    operation({
      id: `${verb}Group`,
      on: `POST /api/groups/{group_id}/${verb}/`,
      summary: verb === 'archive' ? 'Archive a group' : 'Bring an archived group back',
      description: verb === 'archive' ? 'An archived group can be read, but nothing in it changes.' : 'The group takes changes again.',
      tag,
      access: member('group.archive', 'groups:write'),
      limit: 'write',
      isGroupWrite: true,
      path,
      reply: data(200, GroupOut),
      fails: verb === 'archive' ? [...changeFails, 'group.archived', 'group.personal'] : changeFails,
      example: { reply: EXAMPLE_GROUP },
      current: async (ctx, { path: p }) => groupOut(await getGroup(ctx, p.group_id), linkOf(ctx)),
      run: async (ctx, { path: p }) =>
        groupOfOutcome(await (verb === 'archive' ? archiveGroup : unarchiveGroup)(ctx, p.group_id), linkOf(ctx)),
    }),
  ),
  operation({
    id: 'joinGroup',
    on: 'POST /api/groups/join/',
    summary: 'Join a group by its invite code',
    description: 'Makes you a member. A private group is joined only by invitation.',
    tag,
    access: user('groups:write'),
    limit: 'write',
    isGroupWrite: true,
    body: z.strictObject({ invite_code: line(30, 1).meta({ example: 'ROOM2024' }) }).meta({ id: 'JoinGroup' }),
    reply: data(200, GroupOut),
    fails: [
      'invitation.not_found',
      'member.duplicate',
      'group.archived',
      'group.full',
      'group.personal',
      'group.frozen',
      'request.key_reused',
    ],
    example: { body: { invite_code: 'EURO-7KQ2MXW9PD' }, reply: EXAMPLE_GROUP },
    run: async (ctx, { body }) => groupOfOutcome(await joinGroup(ctx, body.invite_code.toUpperCase()), linkOf(ctx)),
  }),
  operation({
    id: 'listBalances',
    on: 'GET /api/users/me/balances/',
    summary: 'Get your balances in all groups',
    description: 'What you owe and are owed, group by group, and summed for each currency. Nothing is converted.',
    tag: 'Users',
    access: user('groups:read'),
    limit: 'read',
    reply: data(200, MyBalancesOut),
    fails: [],
    example: {
      reply: {
        groups: [
          {
            group: { id: EXAMPLE_IDS.group, name: 'Roommates' },
            is_personal: false,
            balance: '-45.67',
            currency: { code: 'USD', symbol: '$' },
          },
        ],
        totals: [{ currency: { code: 'USD', symbol: '$' }, owed_to_me: '0.00', owed_by_me: '45.67', net: '-45.67' }],
      },
    },
    run: async (ctx) => myBalancesOut(await listBalances(ctx)),
  }),
]
