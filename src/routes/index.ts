// Every operation of the native surface, in the order of the reference.
import type { Operation } from '../http/operation.ts'
import { analytics } from './analytics.ts'
import { attachments } from './attachments.ts'
import { apiKeys } from './api-keys.ts'
import { auth } from './auth.ts'
import { claims } from './claims.ts'
import { categories } from './categories.ts'
import { expenses } from './expenses.ts'
import { exportRows } from './exports.ts'
import { files } from './files.ts'
import { groups } from './groups.ts'
import { history } from './history.ts'
import { imports } from './imports.ts'
import { jobs } from './jobs.ts'
import { members } from './members.ts'
import { notifications } from './notifications.ts'
import { passwords } from './passwords.ts'
import { payLinkRows } from './pay-links.ts'
import { payments } from './payments.ts'
import { paymentMethods } from './payment-methods.ts'
import { rates } from './rates.ts'
import { receipts } from './receipts.ts'
import { reconcile } from './reconcile.ts'
import { reportSchedules } from './report-schedules.ts'
import { reports } from './reports.ts'
import { root } from './root.ts'
import { sessions } from './sessions.ts'
import { settlements } from './settlements.ts'
import { unsubscribe } from './unsubscribe.ts'
import { users } from './users.ts'
import { webhooks } from './webhooks.ts'

export const OPERATIONS: readonly Operation[] = [
  ...root,
  ...auth,
  ...passwords,
  ...sessions,
  ...apiKeys,
  ...users,
  ...expenses,
  ...receipts,
  ...attachments,
  ...reconcile,
  ...claims,
  ...categories,
  ...rates,
  ...groups,
  ...members,
  ...history,
  ...settlements,
  ...payLinkRows,
  ...analytics,
  ...reports,
  ...exportRows,
  ...reportSchedules,
  ...imports,
  ...webhooks,
  ...notifications,
  ...paymentMethods,
  ...payments,
  ...files,
  ...jobs,
  ...unsubscribe,
]
