// What the contract tests of scripts/specmatic.mjs are about: people, two groups and what is in them, made over
// HTTP on a local server, and for each operation the values that lead there.
const PASSWORD = 'SecurePassword123!'
/** Tells the people of one seeding from those of another. */
let run = ''

/** A client of the server that speaks for one user. */
function client(origin, token) {
  return async (method, path, body) => {
    const reply = await fetch(`${origin}${path}`, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body && !(body instanceof FormData) && { 'content-type': 'application/json' }),
      },
      ...(body && { body: body instanceof FormData ? body : JSON.stringify(body) }),
    })
    const text = await reply.text()
    if (!reply.ok) throw new Error(`${method} ${path} → ${reply.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text).data
  }
}

async function register(origin, name) {
  const email = `${name}.${run}@example.com`
  const { user, tokens } = await client(origin)('POST', '/api/auth/register/', { email, password: PASSWORD, first_name: name })
  return { id: user.id, email, ...tokens, ask: client(origin, tokens.access) }
}

/** The token of the newest mail to the address. */
async function mailedTo(origin, email) {
  for (let tries = 0; tries < 50; tries++) {
    const mails = await (
      await fetch(`${origin}/dev/mail?to=${encodeURIComponent(email)}`, { headers: { accept: 'application/json' } })
    ).json()
    const token = /^ {4}([\w-]{43})$/m.exec(mails[0]?.text ?? '')?.[1]
    if (token !== undefined) return token
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error(`no mail to ${email}`)
}

/** The id of the newest notification of the type, which is made a moment after what it is about. */
async function notificationOf({ ask }, type) {
  for (let tries = 0; tries < 100; tries++) {
    const [newest] = await ask('GET', `/api/notifications/?type=${type}`)
    if (newest !== undefined) return newest.id
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error(`nobody was told: ${type}`)
}

/** The people, and a group in which the owner may do everything and nobody owes anything. */
async function furnish(origin) {
  const [owner, coowner, member, other, spare] = await Promise.all(
    ['owner', 'coowner', 'member', 'other', 'spare'].map((name) => register(origin, name)),
  )
  const settings = { require_approval: true, approval_threshold: '100' }
  const group = await owner.ask('POST', '/api/groups/', {
    name: 'Here',
    currency: 'EUR',
    initial_members: [coowner.email, member.email],
    settings,
  })
  await owner.ask('PATCH', `/api/groups/${group.id}/members/${coowner.id}/`, { role: 'owner' })
  const spent = (amount) =>
    member.ask('POST', '/api/expenses/', {
      title: 'Bread',
      amount,
      group_id: group.id,
      split_type: 'equal',
      split_data: { participants: [member.id] },
    })
  const [expense, pending, deleted] = [await spent('12'), await spent('500'), await spent('1')]
  await member.ask('DELETE', `/api/expenses/${deleted.id}/`)
  const guest = await owner.ask('POST', `/api/groups/${group.id}/members/`, { name: 'Grandma' })
  const invitation = await owner.ask('POST', `/api/groups/${group.id}/invite/`, { email: `guest.${run}@example.com` })
  const mail = `invited.${run}@example.com`
  const elsewhere = await other.ask('POST', '/api/groups/', { name: 'Elsewhere', initial_members: [mail] })
  return {
    owner,
    coowner,
    member,
    spare,
    group,
    expense,
    pending,
    deleted,
    guest,
    invitation,
    elsewhere,
    invited: await mailedTo(origin, mail),
  }
}

const SCOPES = ['profile', 'groups', 'expenses', 'webhooks', 'notifications'].flatMap((what) => [`${what}:read`, `${what}:write`])
const RESTAURANTS = 'cat_00000000000000000000000101'
const FOOD = 'cat_00000000000000000000000100'

/** A webhook that leads nowhere: nothing listens at the port of the discard protocol. */
const WEBHOOK = { url: 'http://127.0.0.1:9/', events: ['expense.created'] }
const hook = (person) => person.ask('POST', '/api/webhooks/', WEBHOOK)

/** Settlements between the owner and the other one, each where something can be done to it. Groups are tried dry, so they stay there. */
async function settlementsOf({ owner, coowner, member, group }) {
  // The other two owe each other, so that there is something to plan; the owner is square.
  const loan = { title: 'Loan', amount: '10', group_id: group.id, split_type: 'equal', split_data: { participants: [coowner.id] } }
  await member.ask('POST', '/api/expenses/', loan)
  const ask = async (by, fields) => (await by.ask('POST', '/api/payments/settlements/', { group_id: group.id, amount: '7', ...fields })).id
  const paying = { payer_id: owner.id, payee_id: coowner.id }
  const [open, asked, disputed] = [await ask(owner, paying), await ask(coowner, paying), await ask(owner, paying)]
  await owner.ask('POST', `/api/payments/settlements/${disputed}/dispute/`, { reason: 'Wrong' })
  const completed = await ask(owner, { payer_id: coowner.id, payee_id: owner.id })
  await owner.ask('POST', `/api/payments/settlements/${completed}/confirm/`, {})
  await owner.ask('POST', `/api/groups/${group.id}/plan/`, {})
  // What came by card and by hand is paid back, so that whoever is asked to leave is square.
  const back = await ask(owner, { ...paying, amount: '12' })
  await owner.ask('POST', `/api/payments/settlements/${back}/confirm/`, {})
  return { open, asked, disputed, completed }
}

/** A PDF, which is kept and not read. */
const bill = () => {
  const form = new FormData()
  form.append('receipt', new Blob(['%PDF-1.7\n%%EOF\n'], { type: 'application/pdf' }), 'bill.pdf')
  return form
}

/** Receipts, an expense whose lines are open to be claimed, a guest who claims them, and files that jobs have made. */
async function insightsOf({ owner, member, group, expense }) {
  await member.ask('POST', `/api/expenses/${expense.id}/receipt/`, bill())
  const [receipt, spare] = [
    await owner.ask('POST', `/api/receipts/?group_id=${group.id}`, bill()),
    await owner.ask('POST', `/api/receipts/?group_id=${group.id}`, bill()),
  ]
  const [attachment] = await member.ask('GET', `/api/expenses/${expense.id}/attachments/`)
  const items = [{ name: 'Pizza', amount: '12', participants: [owner.id] }]
  const dinner = await owner.ask('POST', '/api/expenses/', {
    title: 'Pizza',
    amount: '12',
    group_id: group.id,
    split_type: 'itemized',
    split_data: { items },
  })
  await owner.ask('POST', `/api/expenses/${dinner.id}/claims/open/`, {})
  const links = `/api/expenses/${dinner.id}/claim-links/`
  const [link, gone] = [await owner.ask('POST', links), await owner.ask('POST', links)]
  const guest = await client(group.origin)('POST', `/api/claims/${link.token}/join/`, { name: 'Dora' })
  const report = await owner.ask('POST', '/api/analytics/reports/generate/', { report_type: 'tax_summary', format: 'csv' })
  const made = await owner.ask('POST', '/api/exports/', { group_id: group.id, format: 'csv' })
  const scheduled = { report_type: 'tax_summary', format: 'csv', frequency: 'monthly' }
  const schedule = await owner.ask('POST', '/api/analytics/reports/schedules/', scheduled)
  const spareSchedule = await owner.ask('POST', '/api/analytics/reports/schedules/', scheduled)
  const staged = async (name) => {
    const form = new FormData()
    form.set('file', new File([`Date,Payee,Amount\n2026-01-02,${name},-3.00\n`], 'bank.csv'))
    return (await owner.ask('POST', '/api/imports/', form)).id
  }
  const brought = await staged('Brought')
  await owner.ask('POST', `/api/imports/${brought}/commit/`, {})
  while ((await owner.ask('GET', `/api/imports/${brought}/`)).status === 'importing') await new Promise((done) => setTimeout(done, 100))
  const ofReceipt = { receipt_id: receipt.id }
  const ofDinner = { expense_id: dinner.id, line: 0 }
  // A last day needs a first one, which a generator leaves out.
  const days = {
    date_from: null,
    date_to: null,
    period: 'monthly',
    scope: 'group',
    currency: 'EUR',
    category_id: FOOD,
    width: 320,
    height: 240,
  }
  return {
    guest,
    parameters: {
      getReceipt: ofReceipt,
      listReceipts: { ocr_status: 'skipped', is_matched: 'false' },
      listReceiptMatches: { ...ofReceipt, tolerance: '5.00' },
      matchReceipt: ofReceipt,
      deleteReceipt: { receipt_id: spare.id },
      getAttachment: { attachment_id: attachment.id },
      deleteAttachment: { attachment_id: attachment.id },
      getClaims: ofDinner,
      openClaims: ofDinner,
      closeClaims: ofDinner,
      claimLine: ofDinner,
      createClaimLink: ofDinner,
      listClaimLinks: ofDinner,
      revokeClaimLink: { ...ofDinner, link_id: gone.id },
      getGuestClaims: { token: link.token },
      claimAsGuest: { token: link.token, line: 0 },
      ...Object.fromEntries(
        ['getSummary', 'getTrends', 'getCategoryBreakdown', 'getMerchants', 'getMemberFigures', 'getInsights', 'getChart'].map((id) => [
          id,
          days,
        ]),
      ),
      getReportSchedule: { schedule_id: schedule.schedule_id },
      updateReportSchedule: { schedule_id: schedule.schedule_id },
      deleteReportSchedule: { schedule_id: spareSchedule.schedule_id },
      getReport: { report_id: report.report_id },
      getImport: { import_id: brought },
      listImportLines: { import_id: brought, state: 'known' },
      commitImport: { import_id: await staged('Committed') },
      deleteImport: { import_id: await staged('Deleted') },
      undoImport: { import_id: brought },
      getExport: { export_id: made.export_id },
    },
  }
}

/** Where each operation finds what it is about, by the names of its parameters. `null` leaves a parameter out. */
async function parametersIn(origin, world) {
  const { owner, coowner, member, pending, deleted, guest, invitation, invited } = world
  const key = await owner.ask('POST', '/api/api-keys/', { name: 'Soon gone', scopes: ['groups:read'] })
  const category = await owner.ask('POST', '/api/categories/', { name: `Gone ${run}` })
  const gone = await hook(owner)
  await coowner.ask('POST', '/api/groups/', { name: 'Third', initial_members: [owner.email] })
  const notification_id = await notificationOf(owner, 'approval_requested')
  const { tokens } = await client(origin)('POST', '/api/auth/login/', { email: owner.email, password: PASSWORD })
  const card = () => owner.ask('POST', '/api/payments/methods/', { method_type: 'stripe', stripe_token: 'tok_visa' })
  const [paidWith, goneCard] = [await card(), await card()]
  const owed = { group_id: world.group.id, payer_id: coowner.id, payee_id: owner.id, amount: '5' }
  const settled = await owner.ask('POST', '/api/payments/settlements/', owed)
  const coownersCard = await coowner.ask('POST', '/api/payments/methods/', { method_type: 'stripe', stripe_token: 'tok_visa' })
  const held = await owner.ask('POST', '/api/payments/settlements/', { group_id: world.group.id, payee_id: coowner.id, amount: '6' })
  const asks = await owner.ask('POST', '/api/payments/methods/', { method_type: 'stripe', stripe_token: 'tok_threeDSecure2Required' })
  const waiting = await owner.ask('POST', '/api/payments/process/', { settlement_id: held.id, payment_method_id: asks.id })
  const paid = await coowner.ask('POST', '/api/payments/process/', { settlement_id: settled.id, payment_method_id: coownersCard.id })
  const settle = await settlementsOf(world)
  const insights = await insightsOf({ ...world, group: { ...world.group, origin } })
  world.claimGuest = insights.guest
  const { job_id } = await owner.ask('POST', `/api/webhooks/${gone.id}/replay/`, { group_id: world.group.id, from_seq: 1 })
  return {
    ...insights.parameters,
    getJob: { job_id },
    listSettlements: { status: 'pending', group_id: world.group.id, role: 'payer', plan_id: null },
    getSettlement: { settlement_id: settle.open },
    listPayLinks: { settlement_id: settle.open },
    confirmSettlement: { settlement_id: settle.open },
    cancelSettlement: { settlement_id: settle.open },
    disputeSettlement: { settlement_id: settle.open },
    remindSettlement: { settlement_id: settle.open },
    rejectSettlement: { settlement_id: settle.asked },
    resolveSettlement: { settlement_id: settle.disputed },
    undoSettlement: { settlement_id: settle.completed },
    getPaymentMethod: { payment_method_id: paidWith.id },
    updatePaymentMethod: { payment_method_id: paidWith.id },
    verifyPaymentMethod: { payment_method_id: paidWith.id },
    deletePaymentMethod: { payment_method_id: goneCard.id },
    getPayment: { payment_id: paid.payment_id },
    cancelPayment: { payment_id: waiting.payment_id },
    refundPayment: { payment_id: paid.payment_id },
    listPayments: { status: 'completed', settlement_id: settled.id },
    acceptInvitation: { token: invited },
    revokeInvitation: { invitation_id: invitation.invitation_id },
    changeMemberRole: { member_id: guest.id },
    removeMember: { member_id: guest.id },
    restoreExpense: { expense_id: deleted.id },
    approveExpense: { expense_id: pending.id },
    rejectExpense: { expense_id: pending.id },
    revokeSession: { session_id: `ses_${tokens.refresh.slice(3, 29)}` },
    revokeApiKey: { key_id: key.id },
    deleteCategory: { category_id: category.id },
    deleteWebhook: { webhook_id: gone.id },
    // Any filter that is not there finds nothing, which is an answer too.
    listDeliveries: { event: 'webhook.test', state: 'delivered' },
    getNotification: { notification_id },
    markNotificationRead: { notification_id },
    markNotificationUnread: { notification_id },
    deleteNotification: { notification_id: await notificationOf(owner, 'group_added') },
    listNotifications: { is_read: 'false', type: 'expense_added', priority: 'normal' },
    explainDebt: { from_id: member.id, to_id: coowner.id },
    // Of the past there is a seq or a day.
    getBalances: { as_of_seq: null },
    listExpenses: FILTERS,
  }
}

/** One value for each of so many filters: all that they can be, in all combinations, would be millions of requests. */
const FILTERS = {
  category: 'food',
  category_id: FOOD,
  date_range: '2026-01-01,2026-12-31',
  amount_min: '1',
  amount_max: '1000',
  amount_gte: '1',
  amount_lte: '1000',
  amount_gt: '0.99',
  amount_lt: '1000.01',
  is_settled: 'true',
  is_deleted: 'false',
  expense_type: 'group',
  kind: 'expense',
  status: 'posted',
  split_type: 'equal',
  currency: 'EUR',
  tag: 'dinner',
  search: 'bread',
  sort: '-amount,title',
}

/** The fields of bodies that must fit to one another or to what there is. `null` leaves a field out. */
function bodiesIn({ owner, spare, group, expense, member, elsewhere, claimGuest }, split) {
  const whole = { amount: '12.00', currency: 'EUR', exchange_rate: null, paid_by: member.id, payers: null }
  const filed = { category_id: RESTAURANTS, category_ids: null }
  const settings = { require_approval: true, approval_threshold: '12.50', currencies: 'converted' }
  return {
    registerUser: { password: PASSWORD, timezone: 'Europe/Berlin', username: null },
    logIn: { email: owner.email, password: PASSWORD },
    refreshTokens: { refresh: spare.refresh },
    changePassword: { current_password: PASSWORD, new_password: PASSWORD },
    updateProfile: { timezone: 'Europe/Berlin', username: null, avatar: 'https://example.com/me.png' },
    createExpense: { ...whole, ...filed, ...split, group_id: group.id, expense_type: 'group' },
    updateExpense: { ...whole, ...filed, ...split },
    patchExpense: { ...whole, ...filed, ...split },
    updateExpenseSplit: split,
    // Of one length and a long one, so that none is made twice.
    createCategory: {
      name: { schema: { type: 'string', minLength: 24, maxLength: 24 } },
      icon: 'casino',
      color: '#5C7CFA',
      parent_id: FOOD,
    },
    createGroup: { currency: 'EUR', initial_members: [member.email], settings },
    updateGroup: { currency: 'EUR', settings },
    changeMemberRole: { role: 'viewer' },
    // No type is named twice, which a generator of lists does.
    updateNotificationPreferences: {
      preferences: null,
      quiet_hours: { enabled: true, start: '23:00', end: '07:00', timezone: 'Europe/Berlin' },
    },
    createSettlement: { group_id: group.id, payer_id: null, payee_id: member.id, amount: '3.00', currency: 'EUR' },
    confirmSettlement: { confirmation_type: 'paid', amount: '1.00' },
    createPlan: { hub: null, households: null },
    joinGroup: { invite_code: elsewhere.invite_code },
    updateWebhook: { url: WEBHOOK.url, events: null, group_ids: null, is_enabled: true },
    rotateWebhookSecret: { secret: 'a-secret-of-my-own' },
    replayWebhook: { group_id: group.id, from_seq: 1 },
    matchReceipt: { expense_id: expense.id },
    reconcileGroup: { period: '2026-01', tolerance: '5.00' },
    openClaims: { bearer_id: null },
    claimLine: { portion: '1/2', quantity: null, member_id: null },
    claimAsGuest: { guest_token: claimGuest.guest_token, portion: '1/2', quantity: null },
    generateReport: {
      report_type: 'tax_summary',
      format: 'csv',
      filters: { date_from: '2026-01-01', date_to: '2026-01-31', group_ids: [group.id] },
      options: { include_charts: false },
    },
    // A weekday goes with weeks alone, a day of the month with months, quarters and years; an account has twenty at most.
    createReportSchedule: {
      report_type: 'tax_summary',
      format: 'csv',
      period: null,
      frequency: 'monthly',
      weekday: null,
      day_of_month: 1,
      filters: { group_ids: [group.id] },
      options: { include_charts: false },
    },
    updateReportSchedule: { frequency: 'weekly', weekday: 'friday', day_of_month: null, filters: { group_ids: [group.id] } },
    // A group is not named where everything is asked for.
    createExport: { group_id: group.id, scope: null, format: 'csv' },
  }
}

/** Makes the world on the server; answers what leads to it. */
export async function seed(origin) {
  run = Date.now().toString(36)
  const world = await furnish(origin)
  const { owner, member, group, expense } = world
  const webhook = await hook(owner)
  const delivery = await owner.ask('POST', `/api/webhooks/${webhook.id}/test/`)
  const { key } = await owner.ask('POST', '/api/api-keys/', { name: 'Specmatic', scopes: SCOPES })
  return {
    run,
    token: owner.access,
    key,
    everywhere: { group_id: group.id, expense_id: expense.id, webhook_id: webhook.id, delivery_id: delivery.id },
    parameters: await parametersIn(origin, world),
    // The generator repeats what is in a list, and takes no example of an object whose fields have no fixed names.
    bodies: {
      positive: bodiesIn(world, { split_type: 'percentage', split_data: { [owner.id]: '60', [member.id]: '40' } }),
      negative: bodiesIn(world, { split_type: 'equal', split_data: { participants: [owner.id, member.id] } }),
    },
  }
}
