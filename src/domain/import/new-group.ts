// The group that is made for an import: as the document says where it is one of Quits, else in the currency of most lines.
import { minorIn } from '../export/amounts.ts'
import type { GroupInfo } from '../group.ts'
import { oneLine, cut } from '../one-line.ts'
import { noticeAt, type Fault, type ImportDraft } from './draft.ts'
import type { ImportSettings } from './settings.ts'

type NewGroup = Pick<GroupInfo, 'name' | 'description' | 'type' | 'currency' | 'isPrivate' | 'settings'>

const SETTINGS = { simplifyDebts: true, requireApproval: false, autoReminder: false, currencies: 'converted' } as const
const MAX_NAME = 100

/** What a file is called, without its ending. */
const nameFrom = (fileName: string): string => cut(oneLine(fileName.replace(/\.[a-z0-9]{1,5}$/i, '')), MAX_NAME).trim() || 'Import'

/**
 * How the group is made. Where amounts are in several currencies it keeps a balance in each, so that every net of the file
 * holds to the minor unit and no rate is needed.
 */
export function newGroupOf(
  { group, totals }: Pick<ImportDraft, 'group' | 'totals'>,
  said: ImportSettings,
  fileName: string,
  fallback: GroupInfo['currency'],
): NewGroup {
  const currency = said.group?.currency ?? group?.currency ?? totals[0]?.currency ?? fallback
  const own = { ...(said.group?.name && { name: said.group.name }), ...(said.group?.type && { type: said.group.type }), currency }
  if (group === undefined) {
    const currencies = totals.every((total) => total.currency === currency) ? 'converted' : 'separate'
    const settings = { ...SETTINGS, currencies } as const
    return { name: nameFrom(fileName), description: '', type: 'other', isPrivate: true, settings, ...own }
  }
  const { simplify_debts: simplifyDebts, require_approval: requireApproval, approval_threshold: threshold, ...settings } = group.settings
  return {
    name: group.name,
    description: group.description,
    type: group.type,
    isPrivate: group.is_private,
    settings: {
      simplifyDebts,
      requireApproval,
      ...(threshold !== undefined && currency === group.currency && { approvalThreshold: minorIn(threshold, currency) }),
      autoReminder: settings.auto_reminder,
      currencies: settings.currencies,
      ...(settings.trust_payers !== undefined && { trustPayers: settings.trust_payers }),
    },
    ...own,
  }
}

/** What such a group does not take over: an amount of the document means something else in another currency. */
export function faultsOfNewGroup({ group }: Pick<ImportDraft, 'group'>, said: ImportSettings): Fault[] {
  const threshold = group?.settings.approval_threshold
  const currency = said.group?.currency ?? group?.currency
  if (group === undefined || threshold === undefined || currency === group.currency) return []
  const message = `The threshold of approval is in ${group.currency}; the new group has none, so that every expense waits where approval is on`
  return [noticeAt('THRESHOLD_DROPPED', message, { column: 'group.settings.approval_threshold', got: `${threshold} ${group.currency}` })]
}
