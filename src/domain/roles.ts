// Who may do what in a group. The permission of an operation is one of these actions.

export const ROLES = ['owner', 'admin', 'member', 'viewer'] as const
export type Role = (typeof ROLES)[number]

const VIEWER = ['group.read', 'expense.read', 'member.leave'] as const
const MEMBER = [
  'expense.create',
  'expense.update',
  'expense.delete',
  'expense.comment',
  'expense.claim',
  'member.invite',
  'settlement.write',
] as const
const ADMIN = ['group.update', 'group.archive', 'member.add', 'member.change', 'member.remove', 'expense.approve'] as const

export type Action = (typeof VIEWER)[number] | (typeof MEMBER)[number] | (typeof ADMIN)[number]

const GRANTED: Readonly<Record<Role, ReadonlySet<Action>>> = {
  viewer: new Set(VIEWER),
  member: new Set([...VIEWER, ...MEMBER]),
  admin: new Set([...VIEWER, ...MEMBER, ...ADMIN]),
  owner: new Set([...VIEWER, ...MEMBER, ...ADMIN]),
}

export const allows = (role: Role, action: Action): boolean => GRANTED[role].has(action)
