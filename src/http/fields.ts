// Wire to value and back, once. Requests become what the domain works with here; nothing further in parses
// a string. Amounts stay decimal text until the group says which currency they are in.
import { z } from 'zod'
import { CURRENCIES, symbolOf, type Currency } from '../domain/currency.ts'
import { PREFIX, type Entity, type Id } from '../domain/ids.ts'
import { isDay, isoOf, isZone, type ClockTime, type Day, type Timestamp } from '../domain/time.ts'
import { isLine, isText } from '../domain/written.ts'

/** A schema whose output is known to be narrower than what the JSON schema can say. */
const narrowed = <T>(schema: z.ZodType<string>): z.ZodType<T, string> => schema as unknown as z.ZodType<T, string>

export const id = <E extends Entity>(entity: E): z.ZodType<Id<E>, string> =>
  narrowed<Id<E>>(
    z
      .string()
      .regex(new RegExp(`^${PREFIX[entity]}_[0-7][0-9a-hjkmnp-tv-z]{25}$`), `Must be an id that begins with ${PREFIX[entity]}_`)
      .meta({ description: `Id of the ${entity}`, example: `${PREFIX[entity]}_01jd3k5m7n9pqrstvwxyz01234` }),
  )

/** A member of the group, named by the id of the user or, for guests, of the member. */
export const memberRef = z
  .string()
  .regex(/^(usr|mem)_[0-7][0-9a-hjkmnp-tv-z]{25}$/, 'Must be an id that begins with usr_ or mem_')
  .meta({ description: 'Id of a user, or of a member for guests', example: 'usr_01jd3k5m7n9pqrstvwxyz01234' })

const DECIMAL = /^-?\d{1,15}(\.\d{1,6})?$/

const NOT_PLAIN = 'Must not contain control characters or halves of characters'

/** Text of one line and bounded length, trimmed. */
export const line = (max: number, min = 0) => z.string().trim().min(min).max(max).refine(isLine, NOT_PLAIN)

/** Text of several lines. */
export const text = (max: number, min = 0) => z.string().trim().min(min).max(max).refine(isText, NOT_PLAIN)

/** A decimal as text, or as a number where that is exact. */
export const decimal = z
  .union([
    z.string().regex(DECIMAL, 'Must be a decimal such as "12.50"'),
    z.number().refine((n) => DECIMAL.test(String(n)), 'Must be a plain decimal; send it as text'),
  ])
  .transform(String)
  .meta({ description: 'A decimal, best sent as text', example: '12.50' })

export const positiveDecimal = decimal.refine((value) => Number(value) > 0, 'Must be greater than 0')

/** An amount on its way out: text with as many decimals as its currency has. */
export const amountOut = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .meta({ description: 'Decimal amount in the currency', example: '62.50' })

export const currency = narrowed<Currency>(
  z
    .enum(CURRENCIES, 'Must be a currency of ISO 4217, in capital letters')
    .meta({ id: 'CurrencyCode', description: 'ISO 4217 code', example: 'EUR' }),
)

export const CurrencyOut = z.object({ code: z.string(), symbol: z.string() }).meta({ id: 'Currency' })
export const currencyOut = (code: Currency): z.input<typeof CurrencyOut> => ({ code, symbol: symbolOf(code) })

export const day = narrowed<Day>(
  z
    .string()
    .refine(isDay, 'Must be a day that exists, as YYYY-MM-DD')
    .meta({ format: 'date', description: 'Calendar day', example: '2026-11-20' }),
)
export const clockTime = narrowed<ClockTime>(
  z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/, 'Must be a time of day, as HH:MM:SS')
    .meta({ description: 'Time of day', example: '19:30:00' }),
)

export const dayOut = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .meta({ format: 'date', example: '2026-11-20' })

export const instantOut = z.string().meta({ format: 'date-time', example: '2026-11-20T10:30:00.000Z' })
export const instant = (at: Timestamp): string => isoOf(at)
export const instantOrNull = (at: Timestamp | undefined | null): string | null => (at === undefined || at === null ? null : isoOf(at))

export const zone = z
  .string()
  .max(64)
  .refine(isZone, 'Must be a time zone such as Europe/Berlin')
  .meta({ description: 'IANA time zone', example: 'America/New_York' })

export const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .pipe(z.email('Must be an email address'))
  .meta({ description: 'Email address', example: 'user@example.com', format: 'email' })

/** An https address on the open web. */
export const webAddress = z
  .url({ protocol: /^https$/, hostname: z.regexes.domain, error: 'Must be an https address' })
  .max(500)
  .meta({ example: 'https://example.com/picture.jpg' })

/** `true` or `false` in a query. */
export const flag = z
  .enum(['true', 'false'])
  .transform((value) => value === 'true')
  .meta({ example: 'true' })
