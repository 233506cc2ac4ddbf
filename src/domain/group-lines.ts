// Groups as their members see them in lists.
import type { Currency } from './currency.ts'
import type { GroupInfo } from './group.ts'
import type { Id } from './ids.ts'
import type { GroupFigures } from './outcome.ts'
import type { Role } from './roles.ts'

export interface GroupFilter {
  readonly isActive?: boolean
  readonly type?: string
  readonly search?: string
}

/** A group in a list: what it is, its figures, and where the viewer stands in it. */
export interface GroupLine {
  readonly info: GroupInfo
  readonly figures: GroupFigures
  readonly role: Role
  /** In minor units of the group's currency. */
  readonly myMinor: number
}

export interface MyBalance {
  readonly groupId: Id<'group'>
  readonly groupName: string
  readonly isPersonal: boolean
  readonly currency: Currency
  readonly minor: number
}
