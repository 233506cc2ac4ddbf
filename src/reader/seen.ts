// What the engines have in common: what comes of a picture.
import type { Page } from '../domain/receipt/page.ts'

/** What an engine makes of a picture: snippets in a page that it may have turned and scaled. */
export interface Seen {
  readonly width: number
  readonly height: number
  readonly snippets: Page['snippets']
  readonly heapBytes: number
}
