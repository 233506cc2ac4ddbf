// Everything that can go wrong on purpose: the code inside, and what the documents say outside.
// A code is part of the API: added, never renamed.

interface Meaning {
  readonly status: 400 | 401 | 402 | 403 | 404 | 405 | 406 | 409 | 410 | 412 | 413 | 415 | 422 | 423 | 426 | 429 | 500 | 503
  readonly code: string
  readonly message: string
}

export const ERRORS = {
  'auth.required': { status: 401, code: 'AUTH_REQUIRED', message: 'Authentication is required' },
  'auth.invalid_token': { status: 401, code: 'INVALID_TOKEN', message: 'The token is invalid or has expired' },
  'auth.invalid_credentials': { status: 401, code: 'INVALID_CREDENTIALS', message: 'The email or the password is wrong' },
  'auth.locked': { status: 423, code: 'ACCOUNT_LOCKED', message: 'Too many failed attempts; try again later or reset the password' },
  'auth.code_invalid': { status: 422, code: 'VALIDATION_ERROR', message: 'The code or link is invalid or has expired' },
  'auth.forbidden': { status: 403, code: 'PERMISSION_DENIED', message: 'These credentials do not allow this' },
  'user.email_taken': { status: 409, code: 'DUPLICATE_RESOURCE', message: 'An account with this email already exists' },
  'user.username_taken': { status: 409, code: 'DUPLICATE_RESOURCE', message: 'This username is taken' },
  'user.deactivated': { status: 403, code: 'ACCOUNT_DEACTIVATED', message: 'The account is deactivated; reactivate it first' },
  'session.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such session' },
  'api_key.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such API key' },
  'webhook.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such webhook' },
  'webhook.too_many': { status: 422, code: 'VALIDATION_ERROR', message: 'The account has as many webhooks as it can; delete one' },
  'webhook.url': { status: 422, code: 'VALIDATION_ERROR', message: 'Webhooks are not delivered to this URL' },
  'webhook.disabled': { status: 409, code: 'CONFLICT', message: 'The webhook is disabled; enable it first' },
  'delivery.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such delivery' },
  'file.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such file, or its link has expired' },
  'file.unsupported': { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', message: 'This kind of file is not accepted' },
  'category.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such category' },
  'category.duplicate': { status: 409, code: 'DUPLICATE_RESOURCE', message: 'There is already a category of this name' },
  'group.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such group' },
  'group.forbidden': { status: 403, code: 'PERMISSION_DENIED', message: 'Your role in the group does not allow this' },
  'group.archived': { status: 409, code: 'CONFLICT', message: 'The group is archived; unarchive it first' },
  'group.personal': { status: 409, code: 'CONFLICT', message: 'A personal group has one member and is not shared' },
  'group.frozen': {
    status: 503,
    code: 'GROUP_FROZEN',
    message: 'An audit found a contradiction; the group takes no writes until it is resolved',
  },
  'group.exists': { status: 409, code: 'CONFLICT', message: 'The group exists already' },
  'group.full': { status: 422, code: 'VALIDATION_ERROR', message: 'The group has as many members as it can' },
  'member.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such member in the group' },
  'member.inactive': { status: 409, code: 'CONFLICT', message: 'This member has left the group' },
  'member.duplicate': { status: 409, code: 'DUPLICATE_RESOURCE', message: 'This person is already a member of the group' },
  'member.last_owner': { status: 409, code: 'CONFLICT', message: 'A group needs an owner; make someone else the owner first' },
  'member.balance_open': { status: 409, code: 'BALANCE_NOT_ZERO', message: 'The balance must be settled first' },
  'invitation.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such invitation' },
  'invitation.expired': { status: 410, code: 'INVITATION_EXPIRED', message: 'The invitation has expired or was withdrawn' },
  'expense.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such expense' },
  'expense.deleted': { status: 409, code: 'CONFLICT', message: 'The expense is deleted; restore it first' },
  'expense.not_deleted': { status: 409, code: 'CONFLICT', message: 'The expense is not deleted' },
  'expense.not_pending': { status: 409, code: 'CONFLICT', message: 'The expense does not wait for approval' },
  'expense.invalid': { status: 422, code: 'VALIDATION_ERROR', message: 'The expense is not valid' },
  'expense.rate_unknown': { status: 422, code: 'VALIDATION_ERROR', message: 'No exchange rate is known for this currency and date' },
  'settlement.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such settlement' },
  'settlement.invalid': { status: 422, code: 'VALIDATION_ERROR', message: 'The settlement is not valid' },
  'settlement.state': { status: 409, code: 'CONFLICT', message: 'This can no longer, or not yet, be done to the settlement' },
  'settlement.forbidden': { status: 403, code: 'PERMISSION_DENIED', message: 'This is for the other side of the settlement to do' },
  'settlement.reminded': { status: 409, code: 'CONFLICT', message: 'The payer was reminded within the day' },
  'plan.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'The group has no plan' },
  'plan.busy': { status: 409, code: 'CONFLICT', message: 'Payments of the plan before this one are under way' },
  'plan.empty': { status: 409, code: 'CONFLICT', message: 'Nobody owes anything, so there is nothing to plan' },
  'notification.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such notification' },
  'payment.failed': { status: 402, code: 'PAYMENT_FAILED', message: 'Payment processing failed' },
  'payment.insufficient_funds': { status: 402, code: 'INSUFFICIENT_FUNDS', message: 'Insufficient funds for operation' },
  'payment.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such payment' },
  'payment.state': { status: 409, code: 'CONFLICT', message: 'This can no longer, or not yet, be done to the payment' },
  'payment.not_configured': { status: 503, code: 'SERVICE_UNAVAILABLE', message: 'Payments by card are not set up here' },
  'payment.signature': { status: 400, code: 'INVALID_REQUEST', message: 'The message is not signed by the provider, or too old' },
  'payment_method.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such payment method' },
  'payment_method.full': { status: 409, code: 'CONFLICT', message: 'There are as many payment methods as one person keeps' },
  'payment_method.refused': { status: 422, code: 'VALIDATION_ERROR', message: 'The provider does not take this payment method' },
  'payment_method.not_chargeable': { status: 422, code: 'VALIDATION_ERROR', message: 'This payment method can only be paid with by hand' },
  'payment_method.unverifiable': { status: 409, code: 'CONFLICT', message: 'Nobody can verify a payment method of this type' },
  'attachment.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such attachment' },
  'receipt.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such receipt' },
  'receipt.matched': { status: 409, code: 'CONFLICT', message: 'The receipt belongs to an expense already' },
  'receipt.state': { status: 409, code: 'CONFLICT', message: 'This can no longer, or not yet, be done to the receipt' },
  'receipt.unread': { status: 422, code: 'VALIDATION_ERROR', message: 'The receipt does not say enough to make an expense of it' },
  'file.too_many': { status: 422, code: 'VALIDATION_ERROR', message: 'The expense has as many files as it can' },
  'report.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such report' },
  'report.too_large': { status: 422, code: 'VALIDATION_ERROR', message: 'There is too much for one report' },
  'schedule.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such schedule' },
  'schedule.too_many': { status: 422, code: 'VALIDATION_ERROR', message: 'The account has as many schedules as it can; delete one' },
  'import.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such import' },
  'import.unreadable': { status: 422, code: 'VALIDATION_ERROR', message: 'The file cannot be imported' },
  'import.faulty': { status: 422, code: 'VALIDATION_ERROR', message: 'The import is not ready: something of the file would be lost' },
  'import.state': { status: 409, code: 'CONFLICT', message: 'This can no longer, or not yet, be done with the import' },
  'import.too_many': { status: 422, code: 'VALIDATION_ERROR', message: 'Too many imports wait; commit or delete one' },
  'export.scope': { status: 400, code: 'INVALID_REQUEST', message: 'Name a group, or ask for everything' },
  'export.too_large': { status: 422, code: 'VALIDATION_ERROR', message: 'There is too much for one document' },
  'export.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such export' },
  'claim.taken': { status: 409, code: 'CONFLICT', message: 'Others have claimed this part of the line already' },
  'claim.invalid': { status: 422, code: 'VALIDATION_ERROR', message: 'The claim is not valid' },
  'claim.closed': { status: 409, code: 'CONFLICT', message: 'The lines of this expense are not open to claims' },
  'claim_link.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such link, or it has expired' },
  'comment.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such comment' },
  'split.invalid': { status: 422, code: 'VALIDATION_ERROR', message: 'The split does not fit the amount' },
  'job.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is no such job' },
  'job.not_failed': { status: 409, code: 'CONFLICT', message: 'The job has not failed' },
  'dead_letter.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'Nothing of this id was given up' },
  'request.malformed': { status: 400, code: 'INVALID_REQUEST', message: 'The request could not be read' },
  'request.invalid': { status: 422, code: 'VALIDATION_ERROR', message: 'The request is not valid' },
  'request.not_found': { status: 404, code: 'RESOURCE_NOT_FOUND', message: 'There is nothing at this path' },
  'request.method': { status: 405, code: 'METHOD_NOT_ALLOWED', message: 'This path does not take this method' },
  'request.upgrade': { status: 426, code: 'UPGRADE_REQUIRED', message: 'This path is a WebSocket' },
  'request.version': { status: 406, code: 'NOT_ACCEPTABLE', message: 'This version of the API does not exist' },
  'request.media_type': { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', message: 'The body has a content type that is not taken here' },
  'request.too_large': { status: 413, code: 'PAYLOAD_TOO_LARGE', message: 'The body is too large' },
  'request.key_reused': { status: 422, code: 'IDEMPOTENCY_KEY_REUSED', message: 'The idempotency key was used with another request' },
  'request.stale': { status: 412, code: 'PRECONDITION_FAILED', message: 'The resource has changed since the version in If-Match' },
  'rate.exceeded': { status: 429, code: 'RATE_LIMIT_EXCEEDED', message: 'Too many requests' },
  'service.busy': { status: 503, code: 'SERVICE_UNAVAILABLE', message: 'The service is busy; try again shortly' },
  internal: { status: 500, code: 'INTERNAL_ERROR', message: 'Something went wrong on our side' },
} as const satisfies Record<string, Meaning>

export type ErrorCode = keyof typeof ERRORS

/** One thing that is wrong: where, what was expected, what came, and by how much it is off. */
export interface Detail {
  readonly field: string
  readonly message: string
  readonly code: string
  readonly expected?: string
  readonly got?: string
  readonly difference?: string
}

/** A refusal as a value: what `decide` returns and what crosses RPC. */
export interface Failure {
  readonly code: ErrorCode
  readonly details: readonly Detail[]
  /** The resource as it is now, where the caller's knowledge of it was out of date. */
  readonly current?: unknown
  /** Seconds to wait before another try makes sense. */
  readonly retryAfterS?: number
}

export const failure = (code: ErrorCode, details: readonly Detail[] = []): Failure => ({ code, details })

/** The refusal of a write whose If-Match names another version than the present one. */
export const staleFailure = (version: number, ifMatch: number): Failure =>
  failure('request.stale', [
    {
      field: 'If-Match',
      message: 'The resource has changed since; decide again on what it is now',
      code: 'STALE_VERSION',
      expected: `"${version}"`,
      got: `"${ifMatch}"`,
    },
  ])

export class AppError extends Error implements Failure {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly details: readonly Detail[]
  readonly current?: unknown
  readonly retryAfterS?: number

  constructor(code: ErrorCode, details: readonly Detail[] = [], more: Partial<Failure> = {}) {
    super(ERRORS[code].message)
    this.code = code
    this.details = details
    if (more.current !== undefined) this.current = more.current
    if (more.retryAfterS !== undefined) this.retryAfterS = more.retryAfterS
  }

  static from(failure: Failure): AppError {
    return new AppError(failure.code, failure.details, failure)
  }
}

/** Whether the request was refused, so that nothing came of it; of other errors that is not known. */
export const isRefusal = (error: unknown): error is AppError => error instanceof AppError && ERRORS[error.code].status < 500
