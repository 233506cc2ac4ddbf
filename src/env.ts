import type { Hint } from './domain/hint.ts'
import type { GroupObject } from './group/object.ts'
import type { LimiterObject } from './platform/limiter.ts'
import type { Press } from './platform/documents/press.ts'
import type { Reader } from './platform/ocr/local.ts'

/** The bindings and variables of `wrangler.toml`, and the one secret of `.dev.vars`. */
export interface Env {
  readonly DB: D1Database
  readonly FILES: R2Bucket
  readonly EMAIL: SendEmail
  readonly GROUP: DurableObjectNamespace<GroupObject>
  readonly LIMITER: DurableObjectNamespace<LimiterObject>
  readonly HINTS: Queue<Hint>
  /** Hints of their own for what takes seconds: receipts to be read. */
  readonly READINGS: Queue<Hint>
  readonly DOCS_ASSETS: Fetcher
  /** The Worker that reads receipts with engines of ours. */
  readonly READER?: Reader
  /** The Worker that draws PDFs and charts. */
  readonly PRESS?: Press
  /** `local` under `npm start` and in tests: mail is kept instead of sent, and `/dev` exists. */
  readonly ENVIRONMENT: 'production' | 'local'
  readonly RATE_LIMIT_SCALE: string
  readonly CORS_ORIGINS: string
  readonly MAIL_FROM: string
  /** Where links in mails and signed links point; locally empty, which means where the request came to. */
  readonly PUBLIC_URL: string
  /** Where the app is that opens what mails speak of; empty while there is none, and mails have no such links. */
  readonly APP_URL: string
  /** Where links lead in what no request caused, when `PUBLIC_URL` is empty. */
  readonly JOBS_ORIGIN: string
  /** Milliseconds that a webhook's receiver may take to answer. */
  readonly WEBHOOK_TIMEOUT_MS: string
  /** Addresses of accounts that may look at dead letters, separated by commas. */
  readonly OPERATORS: string
  /** Which host speaks which dialect: `api.one.example=basic,api.two.example=…`; empty for none. */
  readonly DIALECT_HOSTS: string
  /** Where the European Central Bank's rates are read from, as XML; empty for never. */
  readonly RATES_URL: string
  /** A secret: of Stripe's account. Absent where cards go to the sandbox (locally) or are not taken. */
  readonly STRIPE_SECRET_KEY?: string
  /** A secret: with which Stripe signs what it posts to us. */
  readonly STRIPE_WEBHOOK_SECRET?: string
  /** Where Stripe's API is, when it is not at api.stripe.com. */
  readonly STRIPE_API_BASE: string
  /** How long an upload waits for its reading before it answers without, in milliseconds. */
  readonly OCR_WAIT_MS: string
  /** Which engine reads receipts first: `paddle`, `tesseract` or `workers_ai`. */
  readonly OCR_ENGINE: string
  /** Where the account of Workers AI is, and the vision model that reads there; empty where it is not used. */
  readonly WORKERS_AI_URL: string
  readonly WORKERS_AI_MODEL: string
  /** A secret: a token that may run models of that account. */
  readonly WORKERS_AI_TOKEN?: string
  /** At least 32 random bytes in base64; every key is derived from it. */
  readonly SECRET: string
}
