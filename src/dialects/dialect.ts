// A dialect answers somebody else's documented API with our services. It is a table: a row says which of their
// requests becomes which of our calls, and how what comes of it is spelled in their words.
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { ERRORS, type AppError, type ErrorCode } from '../domain/errors.ts'
import { idFromUuid, type Entity, type Id } from '../domain/ids.ts'
import type { LimitClass } from '../domain/limits.ts'
import { body, operation, type Access, type Method, type Operation } from '../http/operation.ts'
import { NATIVE } from '../http/native.ts'
import type { Occasion, Surface } from '../http/surface.ts'

/** A refusal as their document has it: the status and the message. */
type Refusal = readonly [status: number, message: string]

/** What a row says instead of the dialect: another message with a status, or another refusal for a code. */
type Refusals = Readonly<Partial<Record<number, string>>> & Readonly<Partial<Record<ErrorCode, Refusal>>>

/** A row as the pipeline takes it, with the words that its refusals have. */
export type ForeignOperation = Operation & { readonly refuses: Refusals }

/** How a document reports what went wrong. */
interface Failures {
  /** Which status of theirs stands for one of ours; the same one where it is not named. */
  readonly statuses: Readonly<Partial<Record<number, number>>>
  /** What they say with a status of theirs; our own words where it is not named. */
  readonly messages: Readonly<Partial<Record<number, string>>>
  /** The codes of ours that they single out. */
  readonly codes: Readonly<Partial<Record<ErrorCode, Refusal>>>
  /** The body of every refusal. */
  readonly schema: z.ZodType
  readonly spell: (message: string, error: AppError, at: Occasion) => unknown
}

export interface Dialect {
  /** By which hosts are bound to it. */
  readonly name: string
  readonly title: string
  readonly prefix: `/${string}`
  readonly description: string
  /** Each tag that a row may have and what it is about, in the order of the docs. */
  readonly tags: Readonly<Record<string, string>>
  readonly failure: Failures
  readonly rows: readonly ForeignOperation[]
}

interface Taken<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly path: z.output<P>
  readonly query: z.output<Q>
  readonly body: z.output<B>
}

interface Row<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, G extends z.ZodType, Value> {
  /** The name of the service. */
  readonly id: string
  /** As their document has it, without the prefix. */
  readonly on: `${Method} /${string}`
  readonly summary: string
  readonly description: string
  readonly tag: string
  readonly access: Access
  readonly whileDeactivated?: true
  readonly limit: LimitClass
  /** Their request, read into our input. */
  readonly takes?: { readonly path?: P; readonly query?: Q; readonly body?: B }
  readonly call: (ctx: Ctx, input: Taken<P, Q, B>) => Promise<Value>
  /** Their reply, and how our answer is spelled as one. */
  readonly gives: readonly [status: 200 | 201, schema: G, spell: (value: Value, ctx: Ctx) => z.input<G>]
  readonly refuses?: Refusals
  readonly fails: readonly ErrorCode[]
  readonly example: { readonly body?: unknown; readonly reply: unknown }
}

/** The row as an operation, so that it takes every step that a native one takes. */
export function row<
  G extends z.ZodType,
  Value,
  P extends z.ZodType = z.ZodType<object>,
  Q extends z.ZodType = z.ZodType<object>,
  B extends z.ZodType = z.ZodType<undefined>,
>({ takes = {}, call, gives: [status, schema, spell], refuses = {}, ...about }: Row<P, Q, B, G, Value>): ForeignOperation {
  const made = operation<ReturnType<typeof body<z.ZodType>>, P, Q, B>({
    ...about,
    ...takes,
    reply: body(status, schema),
    run: async (ctx, input) => spell(await call(ctx, input), ctx),
  })
  return { ...made, refuses }
}

/** The names of ours under which stands what they want. */
type NameOf<T, V> = { [K in keyof T]: T[K] extends V ? K : never }[keyof T]

/** A record spelled field by field: the name of ours, or a function where one name will not do. */
export const spell =
  <Out extends object, T>(fields: { readonly [K in keyof Out]: NameOf<T, Out[K]> | ((value: T) => Out[K]) }) =>
  (value: T): Out =>
    Object.fromEntries(
      Object.entries<keyof T | ((value: T) => unknown)>(fields).map(([theirs, ours]) => [
        theirs,
        typeof ours === 'function' ? ours(value) : value[ours],
      ]),
    ) as Out

const bareUuid = z
  .string()
  .length(36)
  .regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, 'Must be a UUID')
const ABOUT_UUID = { format: 'uuid', example: '0193473d-1e5a-7e1b-9b3a-5c2f8d7e6a10' }

/** The id of one of our entities as they know it: the bare UUID. */
export const uuid = <E extends Entity>(entity: E): z.ZodType<Id<E>, string> =>
  bareUuid.transform((text) => idFromUuid(entity, text)).meta(ABOUT_UUID)

export const uuidOut = bareUuid.meta(ABOUT_UUID)

/** What the dialect answers where we would answer with the code. */
function refusalOf({ failure, rows }: Dialect, code: ErrorCode, op: Operation | undefined): Refusal {
  const refuses: Refusals = rows.find((one) => one.id === op?.id)?.refuses ?? {}
  const single = refuses[code] ?? failure.codes[code]
  if (single !== undefined) return single
  const ours = ERRORS[code].status
  const status = failure.statuses[ours] ?? ours
  return [status, refuses[status] ?? failure.messages[status] ?? ERRORS[code].message]
}

/** The surface that words its refusals as the dialect does; what it grants, its rows have spelled. */
export const surfaceOf = (dialect: Dialect): Surface => ({
  success: NATIVE.success,
  failure: (error, at, op) => {
    const [status, message] = refusalOf(dialect, error.code, op)
    return { status, body: dialect.failure.spell(message, error, at) }
  },
})
