// An operation is a row of data: what it accepts, what it answers, which failures it admits to, and the
// service that does the work. Routing, OpenAPI, access, limits and the contract tests all loop over the rows.
import type { z } from 'zod'
import type { Ctx } from '../context.ts'
import type { Scope } from '../domain/actor.ts'
import type { ErrorCode } from '../domain/errors.ts'
import type { LimitClass } from '../domain/limits.ts'
import type { Page } from '../domain/page.ts'
import type { Action } from '../domain/roles.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * Who may call it. `anyone` needs no credentials; `user` a session, or an API key with the scope
 * (no scope: sessions only); `member` also a place in the group whose role allows the action.
 */
export type Access =
  | { readonly who: 'anyone' }
  | { readonly who: 'user'; readonly scope?: Scope }
  | { readonly who: 'member'; readonly may: Action; readonly scope: Scope }

export const anyone: Access = { who: 'anyone' }
export const user = (scope?: Scope): Access => (scope === undefined ? { who: 'user' } : { who: 'user', scope })
export const member = (may: Action, scope: Scope): Access => ({ who: 'member', may, scope })

/** A file sent as one field of a multipart form. */
export interface Upload {
  readonly field: string
  readonly types: readonly string[]
  readonly maxBytes: number
}

export interface UploadedFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly name: string
}

/** A body that is taken as it came, because it is signed, and the header with the signature. */
export interface Payload {
  readonly type: string
  readonly signature: string
}

export interface SignedPayload {
  readonly body: string
  /** Empty where the header is missing. */
  readonly signature: string
}

type ReplyShape = 'data' | 'list' | 'message' | 'nothing' | 'raw' | 'body'

export interface Reply<R extends z.ZodType = z.ZodType> {
  readonly shape: ReplyShape
  readonly status: 200 | 201 | 202 | 204
  readonly schema?: R
  readonly message?: string
  /** Fields of `meta` beyond the common ones. */
  readonly meta?: z.ZodObject
  /** Of a raw reply: the media types it comes in. */
  readonly types?: readonly string[]
}

export const data = <R extends z.ZodType>(status: 200 | 201 | 202, schema: R, message?: string): Reply<R> & { shape: 'data' } => ({
  shape: 'data',
  status,
  schema,
  ...(message !== undefined && { message }),
})
export const list = <R extends z.ZodType>(schema: R, meta?: z.ZodObject): Reply<R> & { shape: 'list' } => ({
  shape: 'list',
  status: 200,
  schema,
  ...(meta !== undefined && { meta }),
})
export const message = (text: string): Reply<never> & { shape: 'message' } => ({ shape: 'message', status: 200, message: text })
export const nothing: Reply<never> & { shape: 'nothing' } = { shape: 'nothing', status: 204 }
/** A reply without an envelope: the schema is all of it. */
export const body = <R extends z.ZodType>(status: 200 | 201, schema: R): Reply<R> & { shape: 'body' } => ({ shape: 'body', status, schema })
/** A reply that the service makes itself: a file, a page. */
export const raw = (...types: readonly string[]): Reply<never> & { shape: 'raw' } => ({ shape: 'raw', status: 200, types })

type Given<R> = R extends { shape: 'data' | 'body'; schema?: infer S extends z.ZodType }
  ? z.input<S>
  : R extends { shape: 'list'; schema?: infer S extends z.ZodType }
    ? Page<z.input<S>>
    : R extends { shape: 'raw' }
      ? Response
      : void

interface Input<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly path: z.output<P>
  readonly query: z.output<Q>
  readonly body: z.output<B>
  readonly file: UploadedFile
  readonly payload: SignedPayload
}

interface Spec<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends Reply> {
  /** The name of the service, the operationId and the test's `describe`. */
  readonly id: string
  readonly on: `${Method} /${string}`
  readonly summary: string
  readonly description: string
  readonly tag: string
  readonly access: Access
  /** `none` is for what machines ask all the time and costs next to nothing. */
  readonly limit: LimitClass | 'none'
  readonly path?: P
  readonly query?: Q
  readonly body?: B
  readonly upload?: Upload
  /** A form that clients may send along because a standard has them do so. It is documented and not looked at. */
  readonly form?: z.ZodType
  readonly payload?: Payload
  readonly reply: R
  readonly fails: readonly ErrorCode[]
  readonly example: { readonly body?: unknown; readonly reply?: unknown; readonly meta?: object }
  /** Open to somebody whose account is deactivated. */
  readonly whileDeactivated?: true
  /** A change of a group: takes `?dry_run=true`. */
  readonly isGroupWrite?: true
  readonly run: (ctx: Ctx, input: Input<P, Q, B>) => Promise<Given<R>>
  /** The resource as it is now, spelled as the reply would: what a failed If-Match answers with. */
  readonly current?: (ctx: Ctx, input: Input<P, Q, B>) => Promise<unknown>
}

/** A row with its types erased: hundreds of inferred route types would make the compiler slow. */
export type Operation = Omit<Spec<z.ZodType, z.ZodType, z.ZodType, Reply>, 'run' | 'current'> & {
  readonly run: (ctx: Ctx, input: never) => Promise<unknown>
  readonly current?: (ctx: Ctx, input: never) => Promise<unknown>
}

export const operation = <
  R extends Reply,
  P extends z.ZodType = z.ZodType<object>,
  Q extends z.ZodType = z.ZodType<object>,
  B extends z.ZodType = z.ZodType<undefined>,
>(
  spec: Spec<P, Q, B, R>,
): Operation => spec

/** The method and the path of a row: `POST /api/groups/{group_id}/leave/`. */
export function methodAndPath(op: Pick<Operation, 'on'>): { method: Method; path: string } {
  const [method, path] = op.on.split(' ') as [Method, string]
  return { method, path }
}

export const isWrite = (op: Pick<Operation, 'on'>): boolean => !op.on.startsWith('GET ')
