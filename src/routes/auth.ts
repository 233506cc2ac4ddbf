// Signing up, in and out, and what a mail proves. Nothing here tells whether an address has an account, but
// for the 409 that the document promises.
import { z } from 'zod'
import type { TokenPair } from '../domain/credentials.ts'
import type { User } from '../domain/user.ts'
import { currency, email, instant, instantOut, line, zone } from '../http/fields.ts'
import { anyone, data, nothing, operation, type Operation } from '../http/operation.ts'
import { logIn, registerUser, type SignedInUser } from '../services/auth.ts'
import { logOut, refreshTokens } from '../services/sessions.ts'
import { newPassword, password, username } from './account-fields.ts'
import { EXAMPLE_IDS } from './examples.ts'

const AccountOut = z
  .object({
    id: z.string(),
    email: z.string(),
    username: z.string(),
    first_name: z.string(),
    last_name: z.string(),
    is_verified: z.boolean(),
    is_active: z.boolean().meta({ description: 'false: deactivated; the session can only look at the account and reactivate it' }),
    created_at: instantOut,
  })
  .meta({ id: 'Account' })

const TokensOut = z
  .object({
    access: z.string().meta({ description: 'Signed token for the Authorization header' }),
    refresh: z.string().meta({ description: 'Good once, for 7 days; its use gives the next one' }),
    expires_in: z.int().meta({ description: 'Seconds until the access token expires' }),
  })
  .meta({ id: 'Tokens' })

const SignedInOut = z.object({ user: AccountOut, tokens: TokensOut }).meta({ id: 'SignedIn' })

const accountOut = (user: User): z.input<typeof AccountOut> => ({
  id: user.id,
  email: user.email,
  username: user.username,
  first_name: user.firstName,
  last_name: user.lastName,
  is_verified: user.isVerified,
  is_active: user.deactivatedAt === null,
  created_at: instant(user.createdAt),
})

const tokensOut = ({ access, refresh, expiresInS }: TokenPair): z.input<typeof TokensOut> => ({ access, refresh, expires_in: expiresInS })
const signedInOut = ({ user, tokens }: SignedInUser): z.input<typeof SignedInOut> => ({ user: accountOut(user), tokens: tokensOut(tokens) })

const EXAMPLE_TOKENS = {
  access: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6IjRmMWE5YzAyIn0.eyJzaWQiOiJzZXNfMDFq…',
  refresh: 'rt_01jd3k5m7n9pqrstvwxyz01235.1.Zk3vYb0mQ8wq1tN5xJ7rL2cD9eF4gH6iK0lM3nO8pQs',
  expires_in: 3600,
}
const EXAMPLE_ACCOUNT = {
  id: EXAMPLE_IDS.users[0],
  email: 'user@example.com',
  username: 'johndoe',
  first_name: 'John',
  last_name: 'Doe',
  is_verified: false,
  is_active: true,
  created_at: '2026-11-20T10:30:00.000Z',
}

export const auth: readonly Operation[] = [
  operation({
    id: 'registerUser',
    on: 'POST /api/auth/register/',
    summary: 'Register an account',
    description:
      'Makes the account, signs it in and mails a code to verify the address. A password has 8 to 256 characters with an uppercase and a lowercase letter, a digit and a special character, is not one of those that are tried first, and does not contain the address. Without a username one is made of the address. The token of an invitation puts the new account into the place it was invited to.',
    tag: 'Authentication',
    access: anyone,
    limit: 'auth',
    body: z.strictObject({
      email,
      password: newPassword,
      first_name: line(60, 1).meta({ example: 'John' }),
      last_name: line(60).default('').meta({ example: 'Doe' }),
      username: username.optional(),
      preferred_currency: currency.prefault('USD'),
      timezone: zone.default('UTC'),
      invitation_token: z.string().min(1).max(200).optional().meta({ description: 'From the mail that invited this person to a group' }),
    }),
    reply: data(201, SignedInOut, 'Registration successful. Please verify your email.'),
    fails: ['user.email_taken', 'user.username_taken'],
    example: {
      body: {
        email: 'user@example.com',
        password: 'SecurePassword123!',
        first_name: 'John',
        last_name: 'Doe',
        username: 'johndoe',
        preferred_currency: 'USD',
        timezone: 'America/New_York',
      },
      reply: { user: EXAMPLE_ACCOUNT, tokens: EXAMPLE_TOKENS },
    },
    run: async (ctx, { body }) =>
      signedInOut(
        await registerUser(ctx, {
          email: body.email,
          password: body.password,
          firstName: body.first_name,
          lastName: body.last_name,
          username: body.username,
          preferredCurrency: body.preferred_currency,
          timezone: body.timezone,
          invitationToken: body.invitation_token,
        }),
      ),
  }),
  operation({
    id: 'logIn',
    on: 'POST /api/auth/login/',
    summary: 'Sign in',
    description:
      'Answers an access token for an hour and a refresh token for 7 days. After five wrong passwords for an address none is looked at for 15 minutes (423 with Retry-After), whether or not the address has an account; a password reset opens it at once.',
    tag: 'Authentication',
    access: anyone,
    limit: 'auth',
    body: z.strictObject({ email, password }),
    reply: data(200, SignedInOut),
    fails: ['auth.invalid_credentials', 'auth.locked'],
    example: {
      body: { email: 'user@example.com', password: 'SecurePassword123!' },
      reply: { user: EXAMPLE_ACCOUNT, tokens: EXAMPLE_TOKENS },
    },
    run: async (ctx, { body }) => signedInOut(await logIn(ctx, body.email, body.password)),
  }),
  operation({
    id: 'refreshTokens',
    on: 'POST /api/auth/refresh/',
    summary: 'Refresh the access token',
    description:
      'Exchanges a refresh token for a new access token and the next refresh token. Asking again with the same token within 10 seconds answers the same successor, so requests that race do no harm; later use of an old token means that it was copied, and ends the session.',
    tag: 'Authentication',
    access: anyone,
    limit: 'auth',
    body: z.strictObject({
      refresh: z.string().min(1).max(2000).meta({ description: 'The refresh token', example: EXAMPLE_TOKENS.refresh }),
    }),
    reply: data(200, TokensOut),
    fails: ['auth.invalid_token'],
    example: {
      body: { refresh: EXAMPLE_TOKENS.refresh },
      reply: { ...EXAMPLE_TOKENS, refresh: 'rt_01jd3k5m7n9pqrstvwxyz01235.2.Vb7nM2kL9jH4gF6dS1aQ8wE3rT5yU0iOpZxCvBnMqWe' },
    },
    run: async (ctx, { body }) => tokensOut(await refreshTokens(ctx, body.refresh)),
  }),
  operation({
    id: 'logOut',
    on: 'POST /api/auth/logout/',
    summary: 'Sign out',
    description:
      'Ends the session of the refresh token: neither it nor the access tokens of the session are good any more. A token that is unknown or has ended is answered alike.',
    tag: 'Authentication',
    access: anyone,
    limit: 'auth',
    body: z.strictObject({
      refresh: z.string().min(1).max(2000).meta({ description: 'The refresh token', example: EXAMPLE_TOKENS.refresh }),
    }),
    reply: nothing,
    fails: [],
    example: { body: { refresh: EXAMPLE_TOKENS.refresh } },
    run: (ctx, { body }) => logOut(ctx, body.refresh),
  }),
]
