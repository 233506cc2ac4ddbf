// What an engine saw on a receipt, before anyone has made sense of it.

/** A piece of text and where it stands: pixels of the picture after it was put upright, from its top left corner. */
export interface Snippet {
  readonly text: string
  /** From 0 to 1. */
  readonly confidence: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export type OcrEngine = 'paddle' | 'tesseract' | 'workers_ai'

/** The recognised text of one receipt. Snippets come in no particular order; a line may be several of them. */
export interface Page {
  readonly engine: OcrEngine
  /** Of the picture that the snippets stand in, in pixels. */
  readonly width: number
  readonly height: number
  readonly snippets: readonly Snippet[]
}
