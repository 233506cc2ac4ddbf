import type { Id } from './ids.ts'

/** What travels on the queue: that there is something to do, never what. Lost, doubled or late, it changes nothing. */
export type Hint = { readonly kind: 'news'; readonly groupId: Id<'group'> } | { readonly kind: 'effects' | 'readings' }
