// The wire to the Worker that draws documents (src/press). Fonts and the making of a PDF take memory that would not fit
// beside the API's.
import type { Attachment, Chart, Document } from '../../domain/document.ts'

export interface PictureSize {
  /** In pixels, 80 to 4000. */
  readonly width: number
  readonly height: number
  /** BCP 47: how numbers and days are written. */
  readonly locale?: string
}

/** What the Worker at the binding `PRESS` does. One thing is drawn at a time, so this may wait for others. */
export interface Press {
  /** A PDF, A4. Attachments become pages at its end; together they have at most `MAX_APPENDIX_BYTES`. */
  readonly pdf: (document: Document, appendix?: readonly Attachment[]) => Promise<ReadableStream<Uint8Array>>
  readonly chart: (chart: Chart, type: 'svg' | 'png', size: PictureSize) => Promise<Uint8Array>
}
