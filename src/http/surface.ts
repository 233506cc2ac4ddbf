// How a surface words what it answers. Everything before the words - who asks, how often, what is asked and
// what comes of it - is the same on all surfaces.
import type { AppError } from '../domain/errors.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Operation } from './operation.ts'

/** What a reply may say of the request that it answers. */
export interface Occasion {
  readonly url: URL
  readonly now: Timestamp
  readonly requestId: string
  readonly accept: string | null
}

/** JSON that is written already. */
export class Written {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const texts = new WeakMap<object, string | undefined>()

/** The value, known from now on as one that is answered again and again as it is, so that it is written once. */
export function writtenOnce<Value extends object>(value: Value): Value {
  texts.set(value, undefined)
  return value
}

/** The JSON of the value, if it is one of those. */
export function textOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !texts.has(value)) return undefined
  const text = texts.get(value) ?? JSON.stringify(value)
  texts.set(value, text)
  return text
}

export interface Answer {
  readonly status: number
  /** Sent as JSON, unless it is; nothing where undefined. */
  readonly body: unknown
  /** The media type, where it is not plain JSON. */
  readonly type?: string
}

export interface Surface {
  /** The reply of the row around what its service gave. */
  readonly success: (op: Operation, value: unknown, at: Occasion) => Answer
  /** The refusal; without a row where the path or the method is of none. */
  readonly failure: (error: AppError, at: Occasion, op?: Operation) => Answer
}
