// Reminders: what a day in a zone brings to whom.
import type { JobContext, Kept } from './context.ts'

/** Makes the reminders of everybody in the zone for that day there. */
export async function remind(_at: JobContext, _about: { readonly zone: string; readonly day: string }): Promise<Kept> {
  return {}
}
