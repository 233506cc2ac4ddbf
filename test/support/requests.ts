// How to ask for each operation so that it does what it is for, in a given scene and as a given user. An operation
// without an entry here is one that nobody has tried, and fails the tests that try all of them.
import { inject } from 'vitest'
import { methodAndPath, type Operation } from '../../src/http/operation.ts'
import { connect } from '../../src/db/client.ts'
import { insertJob, newJob, updateJob } from '../../src/db/jobs.ts'
import { runBatch } from '../../src/db/client.ts'
import { newId, type Id } from '../../src/domain/ids.ts'
import { env } from './env.ts'
import { storeNotification } from './notified.ts'
import { unsubscribeToken } from '../../src/services/unsubscribe.ts'
import { fileForm, formWith } from './picture.ts'
import { cardOf, dataOf, type Scene } from './scene.ts'
import { PASSWORD, person, send, type Client } from './world.ts'

interface Asked {
  /** By the names in the path. */
  readonly path?: Readonly<Record<string, string>>
  readonly query?: string
  readonly body?: unknown
  /** The answer to somebody who was let in, where it is not the success of the row. */
  readonly status?: number
  /** The session of somebody else to try it with, where it ends the session that asks. */
  readonly token?: string
}

export interface Request {
  readonly method: string
  readonly path: string
  readonly body: unknown
  /** The answer to somebody who is let in. */
  readonly status: number
  /** Asked with this in place of the session of whoever is let in. */
  readonly token?: string
}

type Builder = (scene: Scene, who: Client) => Asked | Promise<Asked>

let count = 0
const fresh = (): string => `${(count += 1)}${crypto.randomUUID().slice(0, 6)}`
const freshEmail = (): string => `fresh${fresh()}@example.com`

const login = (who: Client): Promise<{ tokens: { refresh: string } }> =>
  dataOf<{ tokens: { refresh: string } }>(send('POST', '/api/auth/login/', { email: who.email, password: PASSWORD }))

/** A job of the user that is over. */
async function jobOf(userId: string, state: 'done' | 'failed'): Promise<string> {
  const db = connect(env.DB)
  const input = { endpointId: newId('webhook'), groupId: newId('group'), fromSeq: 1 }
  const job = newJob('webhook_replay', userId as Id<'user'>, input, Date.now())
  const [stored] = insertJob(db, job)
  await runBatch(db, [...(stored === undefined ? [] : [stored]), updateJob(db, job.id, { state, finishedAt: Date.now() })])
  return job.id
}

const BANK_CSV = 'Date,Payee,Amount\n2026-01-02,Tea,-3.00\n'

/** A file of the user that waits to be committed. */
const ofImport =
  (body?: unknown): Builder =>
  async (_, who) => ({ path: { import_id: (await dataOf(who.post('/api/imports/', fileForm('tea.csv', BANK_CSV)))).id }, body })

const inGroup =
  (body?: unknown): Builder =>
  ({ here }) => ({ path: { group_id: here.id }, body })
const ofExpense =
  (name: 'expense' | 'pending' | 'deleted', body?: unknown): Builder =>
  ({ here }) => ({ path: { expense_id: here[name] }, body })
/** A settlement of whoever asks, or of the owner where they may not have one, where it can be acted on. */
const ofSettlement =
  (body?: unknown, how: 'asking' | 'asked' | 'disputed' | 'completed' = 'asking'): Builder =>
  ({ settlements, here }, who) => ({ path: { settlement_id: (settlements[who.id] ?? settlements[here.owner.id])?.[how] ?? '' }, body })
/** One that was just stored for whoever asks, so that they have one to ask for. */
const ofNotification: Builder = async (_, who) => ({ path: { notification_id: await storeNotification(who.id) } })
const ofCard =
  (body?: unknown): Builder =>
  async (_, who) => ({ path: { payment_method_id: await cardOf(who) }, body })
const ofPayment: Builder = ({ settlements, here }, who) => ({
  path: { payment_id: (settlements[who.id] ?? settlements[here.owner.id])?.payment ?? '' },
})
const alone: Builder = () => ({})
const inQuery: Builder = () => ({ query: 'period=yearly' })

/** A receipt of the group that was read, and is of no expense. */
const ofReceipt =
  (body?: unknown): Builder =>
  ({ here }) => ({ path: { receipt_id: here.receipt }, body })
const ofAttachment: Builder = ({ here }) => ({ path: { expense_id: here.expense, attachment_id: here.attachment } })
/** An expense whose lines are open to be claimed. */
const ofClaims =
  (body?: unknown): Builder =>
  ({ here }) => ({ path: { expense_id: here.itemized, line: '0' }, body })

/** A link to it other than the scene's own: one that there is, or a new one. */
async function spareLink({ here }: Scene): Promise<string> {
  const path = `/api/expenses/${here.itemized}/claim-links/`
  const all = await dataOf<{ id: string; token: string }[]>(here.owner.get(path))
  const spare = all.find(({ token }) => token !== here.claims.token)
  return spare?.id ?? (await dataOf(here.owner.post(path))).id
}

const SCHEDULES = '/api/analytics/reports/schedules/'
const SCHEDULE = { report_type: 'expense_summary', format: 'json', frequency: 'weekly' }

const schedulesOf = (who: Client) => dataOf<{ schedule_id: string }[]>(who.get(SCHEDULES))

/** A schedule of theirs, made if they have none: there may not be many. */
const ofSchedule =
  (body?: unknown): Builder =>
  async (_, who) => {
    const [first] = await schedulesOf(who)
    const { schedule_id } = first ?? (await dataOf<{ schedule_id: string }>(who.post(SCHEDULES, SCHEDULE)))
    return { path: { schedule_id }, body }
  }

const WEBHOOK = { events: ['expense.created'] }
const webhookUrl = (): string => `${inject('receiver')}/r/requests`

/** A webhook of theirs, made if they have none: there may not be many. */
async function webhookOf(who: Client): Promise<string> {
  const [first] = await dataOf<{ id: string }[]>(who.get('/api/webhooks/'))
  return first?.id ?? (await dataOf(who.post('/api/webhooks/', { ...WEBHOOK, url: webhookUrl() }))).id
}

const ofWebhook =
  (body?: unknown): Builder =>
  async (_, who) => ({ path: { webhook_id: await webhookOf(who) }, body })
const ofDelivery: Builder = async (_, who) => {
  const webhook = await webhookOf(who)
  return { path: { webhook_id: webhook, delivery_id: (await dataOf(who.post(`/api/webhooks/${webhook}/test/`))).id } }
}

const BUILDERS: Readonly<Record<string, Builder>> = {
  getRoot: alone,
  getHealth: alone,

  registerUser: () => ({ body: { email: freshEmail(), password: PASSWORD, first_name: 'New' } }),
  logIn: (_, who) => ({ body: { email: who.email, password: PASSWORD } }),
  refreshTokens: async (_, who) => ({ body: { refresh: (await login(who)).tokens.refresh } }),
  logOut: () => ({ body: { refresh: 'unknown' } }),
  requestPasswordReset: () => ({ body: { email: 'nobody@example.com' } }),
  confirmPasswordReset: () => ({ body: { token: 'unknown', new_password: 'NewSecurePassword123!' }, status: 422 }),
  verifyEmail: () => ({ body: { token: 'unknown' }, status: 422 }),
  resendVerification: alone,
  changePassword: () => ({ body: { current_password: PASSWORD, new_password: PASSWORD } }),

  listSessions: alone,
  revokeOtherSessions: alone,
  revokeSession: async (_, who) => ({ path: { session_id: `ses_${(await login(who)).tokens.refresh.slice(3, 29)}` } }),
  listLogins: alone,

  createApiKey: () => ({ body: { name: 'Export', scopes: ['groups:read'] } }),
  listApiKeys: alone,
  revokeApiKey: async (_, who) => ({
    path: { key_id: (await dataOf(who.post('/api/api-keys/', { name: 'Soon gone', scopes: ['groups:read'] }))).id },
  }),

  getProfile: alone,
  updateProfile: () => ({ body: { bio: 'Likes bread' } }),
  deactivateUser: async () => ({ token: (await person('gone')).token }),
  reactivateUser: alone,
  uploadAvatar: () => ({ body: formWith('avatar') }),
  readFile: ({ file }) => {
    const { pathname, search } = new URL(file, 'http://localhost')
    const [area = '', name = ''] = pathname.split('/').slice(3)
    return { path: { area, name }, query: search.slice(1) }
  },

  showUnsubscribe: ({ as }) => ({ path: { token: unsubscribeToken(env.SECRET, as.owner.id as Id<'user'>, 'balance_reminder') } }),
  unsubscribe: ({ as }) => ({ path: { token: unsubscribeToken(env.SECRET, as.owner.id as Id<'user'>, 'balance_reminder') } }),

  listExpenses: alone,
  createExpense: ({ here }) => ({ body: { title: 'Lunch', amount: '10.00', group_id: here.id } }),
  getExpense: ofExpense('expense'),
  updateExpense: ofExpense('expense', { title: 'More bread', amount: '13.00' }),
  patchExpense: ofExpense('expense', { title: 'More bread' }),
  deleteExpense: ofExpense('expense'),
  restoreExpense: ofExpense('deleted'),
  updateExpenseSplit: ({ here }) => ({
    path: { expense_id: here.expense },
    body: { split_type: 'percentage', split_data: { [here.owner.id]: 50, [here.guest]: 50 } },
  }),
  approveExpense: ofExpense('pending'),
  rejectExpense: ofExpense('pending'),
  addExpenseComment: ofExpense('expense', { comment: 'Thanks!' }),
  uploadReceipt: ({ here }) => ({ path: { expense_id: here.expense }, body: formWith('receipt') }),
  addReceipt: () => ({ body: formWith('receipt') }),
  listReceipts: alone,
  getReceipt: ofReceipt(),
  deleteReceipt: ofReceipt(),
  rereadReceipt: ofReceipt(),
  listReceiptMatches: ofReceipt(),
  matchReceipt: async (scene, who) => ofReceipt({ expense_id: scene.here.expense })(scene, who),
  createExpenseFromReceipt: ofReceipt({ amount: '12.00' }),
  reconcileGroup: inGroup({ period: '2026' }),
  reconcileExpense: ofExpense('expense', {}),
  addAttachment: ({ here }) => ({ path: { expense_id: here.expense }, body: formWith('file') }),
  listAttachments: ofExpense('expense'),
  getAttachment: ofAttachment,
  deleteAttachment: ofAttachment,

  getClaims: ofClaims(),
  openClaims: ofClaims({}),
  closeClaims: ofClaims(),
  claimLine: ofClaims({ portion: '1/2' }),
  createClaimLink: ofClaims(),
  listClaimLinks: ofClaims(),
  revokeClaimLink: async (all) => ({ path: { expense_id: all.here.itemized, link_id: await spareLink(all) } }),
  getGuestClaims: ({ here }) => ({ path: { token: here.claims.token } }),
  joinClaims: ({ here }) => ({ path: { token: here.claims.token }, body: { name: 'Anna' } }),
  claimAsGuest: ({ here }) => ({ path: { token: here.claims.token, line: '0' }, body: { guest_token: here.claims.guest, portion: '1/2' } }),

  getSummary: inQuery,
  getTrends: inQuery,
  getCategoryBreakdown: inQuery,
  getMerchants: inQuery,
  getMemberFigures: ({ elsewhere, here, as }, who) => ({
    query: `group_id=${who === as.stranger ? elsewhere.id : here.id}`,
    ...(who === as.stranger || who === as.removed ? { status: 404 } : {}),
  }),
  getInsights: inQuery,
  getChart: () => ({ path: { chart: 'categories' }, query: 'format=png' }),
  generateReport: () => ({ body: { report_type: 'expense_summary', format: 'json' } }),
  getReport: async (_, who) => ({
    path: {
      report_id: (
        await dataOf<{ report_id: string }>(who.post('/api/analytics/reports/generate/', { report_type: 'tax_summary', format: 'csv' }))
      ).report_id,
    },
  }),
  createReportSchedule: async (_, who) => {
    for (const { schedule_id } of (await schedulesOf(who)).slice(1)) await who.delete(`${SCHEDULES}${schedule_id}/`)
    return { body: SCHEDULE }
  },
  listReportSchedules: alone,
  getReportSchedule: ofSchedule(),
  updateReportSchedule: ofSchedule({ name: 'Each week' }),
  deleteReportSchedule: ofSchedule(),
  createExport: () => ({ body: { format: 'json' } }),
  getExport: async (_, who) => ({
    path: { export_id: (await dataOf<{ export_id: string }>(who.post('/api/exports/', { format: 'csv' }))).export_id },
  }),

  stageImport: () => ({ body: fileForm('tea.csv', BANK_CSV) }),
  listImports: alone,
  getImport: ofImport(),
  listImportLines: ofImport(),
  updateImport: ofImport({ duplicates: 'add' }),
  // Nothing of it is taken, so that what others look at stays as it is.
  commitImport: async (scene, who) => {
    const asked = await ofImport({})(scene, who)
    await dataOf(who.patch(`/api/imports/${asked.path?.['import_id']}/`, { exclude: [1] }))
    return asked
  },
  undoImport: async (scene, who) => {
    const asked = await ofImport()(scene, who)
    await env.DB.prepare("UPDATE imports SET state = 'imported' WHERE id = ?").bind(asked.path?.['import_id']).run()
    return asked
  },
  deleteImport: ofImport(),

  listCategories: alone,
  createCategory: () => ({ body: { name: `Games ${fresh()}` } }),
  deleteCategory: async (_, who) => ({
    path: { category_id: (await dataOf(who.post('/api/categories/', { name: `Gone ${fresh()}` }))).id },
  }),

  listRates: alone,

  listGroups: alone,
  createGroup: () => ({ body: { name: 'Trip', currency: 'EUR' } }),
  getGroup: inGroup(),
  updateGroup: inGroup({ description: 'Changed' }),
  archiveGroup: inGroup(),
  unarchiveGroup: inGroup(),
  joinGroup: ({ elsewhere }) => ({ body: { invite_code: elsewhere.inviteCode } }),
  listBalances: alone,

  listMembers: inGroup(),
  addGuest: inGroup({ name: 'Grandpa' }),
  inviteMember: ({ here }) => ({ path: { group_id: here.id }, body: { email: freshEmail() } }),
  revokeInvitation: ({ here }) => ({ path: { group_id: here.id, invitation_id: here.invitation } }),
  acceptInvitation: ({ elsewhere }) => ({ path: { token: elsewhere.token } }),
  changeMemberRole: ({ here }) => ({ path: { group_id: here.id, member_id: here.guest }, body: { role: 'viewer' } }),
  removeMember: ({ here }) => ({ path: { group_id: here.id, member_id: here.guest } }),
  leaveGroup: inGroup(),

  getNotificationPreferences: alone,
  updateNotificationPreferences: () => ({ body: { preferences: [{ type: 'member_left', enabled: true }] } }),
  listNotifications: alone,
  markAllNotificationsRead: alone,
  getNotification: ofNotification,
  deleteNotification: ofNotification,
  markNotificationRead: ofNotification,
  markNotificationUnread: ofNotification,

  getBalances: inGroup(),
  explainDebt: ({ here, as }) => ({ path: { group_id: here.id, from_id: as.member.id, to_id: here.owner.id } }),
  listActivity: inGroup(),
  auditGroup: inGroup(),

  listSettlements: alone,
  createSettlement: async ({ here }, who) => ({
    body: { group_id: here.id, payee_id: who.id === here.owner.id ? here.guest : here.owner.id, amount: '1.00' },
  }),
  getSettlement: ofSettlement(),
  // Somebody else's is told to nobody else.
  listPayLinks: async ({ settlements, here }, who) => ({
    path: { settlement_id: (settlements[who.id] ?? settlements[here.owner.id])?.asked ?? '' },
    status: settlements[who.id] === undefined ? 403 : 200,
  }),
  confirmSettlement: ofSettlement({ confirmation_type: 'paid' }),
  rejectSettlement: ofSettlement(undefined, 'asked'),
  cancelSettlement: ofSettlement(),
  disputeSettlement: ofSettlement({ reason: 'Nothing came' }),
  resolveSettlement: ofSettlement(undefined, 'disputed'),
  remindSettlement: ofSettlement(),
  undoSettlement: ofSettlement(undefined, 'completed'),
  createPlan: ({ here }) => ({ path: { group_id: here.id }, body: { mode: 'minimal' }, status: 409 }),
  getPlan: inGroup(),

  listPaymentMethods: alone,
  addPaymentMethod: () => ({ body: { method_type: 'cash' } }),
  getPaymentMethod: ofCard(),
  updatePaymentMethod: ofCard({ name: 'My card' }),
  deletePaymentMethod: async (_, who) => ({
    path: { payment_method_id: (await dataOf(who.post('/api/payments/methods/', { method_type: 'manual' }))).id },
  }),
  verifyPaymentMethod: ofCard(),
  processPayment: async ({ settlements, here }, who) => ({
    body: {
      settlement_id: (settlements[who.id] ?? settlements[here.owner.id])?.asking,
      payment_method_id: await cardOf(who),
      amount: '1.00',
    },
  }),
  listPayments: alone,
  getPayment: ofPayment,
  refundPayment: ofPayment,
  // Somebody else has paid it.
  cancelPayment: async (all, who) => ({ ...(await ofPayment(all, who)), status: 403 }),
  receivePaymentEvent: () => ({ path: { gateway: 'sandbox' }, body: '{}', status: 400 }),

  listJobs: alone,
  getJob: async (_, who) => ({ path: { job_id: await jobOf(who.id, 'done') } }),
  retryJob: async (_, who) => ({ path: { job_id: await jobOf(who.id, 'failed') } }),
  listDeadLetters: () => ({ status: 403 }),
  replayDeadLetter: () => ({ path: { dead_letter_id: newId('outbox') }, status: 403 }),
  createWebhook: async (_, who) => {
    const all = await dataOf<{ id: string }[]>(who.get('/api/webhooks/'))
    for (const { id } of all.slice(1)) await who.delete(`/api/webhooks/${id}/`)
    return { body: { ...WEBHOOK, url: webhookUrl() } }
  },
  listWebhooks: alone,
  getWebhook: ofWebhook(),
  updateWebhook: ofWebhook({ description: 'Changed' }),
  deleteWebhook: ofWebhook(),
  rotateWebhookSecret: ofWebhook({}),
  testWebhook: ofWebhook(),
  listDeliveries: ofWebhook(),
  getDelivery: ofDelivery,
  redeliverWebhook: ofDelivery,
  replayWebhook: async (scene, who) => {
    const row = env.DB.prepare('SELECT personal_group_id AS id FROM users WHERE id = ?').bind(who.id)
    return ofWebhook({ group_id: await row.first<string>('id'), from_seq: 1 })(scene, who)
  },
}

/** A request for the operation that is right in everything but, perhaps, who sends it. */
export async function requestFor(op: Operation, scene: Scene, who: Client): Promise<Request> {
  const build = BUILDERS[op.id]
  if (build === undefined) throw new Error(`${op.id} has no entry in test/support/requests.ts, so nobody knows whom it lets in`)
  const { path = {}, query, body, token, status = op.reply.status } = await build(scene, who)
  const { method, path: pattern } = methodAndPath(op)
  const filled = pattern.replaceAll(/\{(\w+)\}/g, (_, name: string) => path[name] ?? `no-${name}`)
  return { method, path: query === undefined ? filled : `${filled}?${query}`, body, status, ...(token !== undefined && { token }) }
}

/** Operations that have an entry here but no row. */
export const entriesWithout = (operations: readonly Operation[]): string[] =>
  Object.keys(BUILDERS).filter((id) => !operations.some((op) => op.id === id))
