// Registering, signing in and the account itself.
import { z } from 'zod'
import { anyone, user } from '../../http/operation.ts'
import { logIn, registerUser, type AuthPolicy } from '../../services/auth.ts'
import { listLogins } from '../../services/sessions.ts'
import { deactivateUser, getProfile, reactivateUser, updateProfile } from '../../services/users.ts'
import { row, type ForeignOperation } from '../dialect.ts'
import { LogInIn, ProfileIn, profileChangeOf, RegisterIn } from './forms.ts'
import { LoginOut, loginOut, UserOut, userOut } from './shapes.ts'

const tag = 'Account'

/** The document asks for nothing but eight characters, and knows no way to refresh a token. */
const POLICY: AuthPolicy = { passwordClasses: [], accessLifetimeS: 24 * 60 * 60 }

const SIGNED_IN = 'Login successful.' as const
const DEACTIVATED = 'Account is deactivated. Reactivate it to continue.' as const

/** More than are kept in the list. */
const ALL_LOGINS = { page: 1, size: 1000 }

const said = <M extends string>(message: M) => z.object({ message: z.literal(message) })

const USER: z.input<typeof UserOut> = {
  id: '0193473d-1e5a-7e1b-9b3a-5c2f8d7e6a10',
  name: 'John Doe',
  email: 'user@example.com',
  profile_image: null,
  created_at: '2026-11-20T10:30:00.000Z',
  updated_at: '2026-11-20T10:30:00.000Z',
  is_active: true,
  deactivated_at: null,
}

export const account: readonly ForeignOperation[] = [
  row({
    id: 'registerUser',
    on: 'POST /api/register',
    summary: 'Register',
    description:
      'Makes the account and mails a code to verify the address. A password has at least 8 characters, is not one of those that are tried first, and does not contain the address.',
    tag,
    access: anyone,
    limit: 'auth',
    takes: { body: RegisterIn },
    call: (ctx, { body }) => registerUser(ctx, body, POLICY),
    gives: [
      201,
      said('User registered successfully.').extend({ user: UserOut }),
      ({ user: made }, ctx) => ({ message: 'User registered successfully.' as const, user: userOut(made, ctx) }),
    ],
    refuses: { 409: 'Email already exists' },
    fails: ['user.email_taken'],
    example: {
      body: { name: 'John Doe', email: 'user@example.com', password: 'correct horse battery' },
      reply: { message: 'User registered successfully.', user: USER },
    },
  }),
  row({
    id: 'logIn',
    on: 'POST /api/login',
    summary: 'Sign in',
    description:
      'Answers a token for 24 hours. After five wrong passwords for an address none is looked at for 15 minutes; Retry-After tells how long still. The token of a deactivated account, whose message says so, is good for reading the profile and for reactivating only.',
    tag,
    access: anyone,
    limit: 'auth',
    takes: { body: LogInIn },
    call: (ctx, { body }) => logIn(ctx, body.email, body.password, POLICY),
    gives: [
      200,
      z.object({ message: z.enum([SIGNED_IN, DEACTIVATED]), token: z.string() }),
      ({ user: known, tokens }) => ({
        message: known.deactivatedAt === null ? SIGNED_IN : DEACTIVATED,
        token: tokens.access,
      }),
    ],
    refuses: { 401: 'Invalid email or password', 'auth.invalid_token': [401, 'Invalid or expired token'] },
    fails: ['auth.invalid_credentials', 'auth.locked'],
    example: {
      body: { email: 'user@example.com', password: 'correct horse battery' },
      reply: { message: 'Login successful.', token: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzaWQiOiJzZXNfMDFq…' },
    },
  }),
  row({
    id: 'getProfile',
    on: 'GET /api/profile',
    summary: 'Read your profile',
    description: 'Your account, also while it is deactivated.',
    tag,
    access: user(),
    limit: 'read',
    whileDeactivated: true,
    call: getProfile,
    gives: [200, z.object({ user: UserOut }), (profile, ctx) => ({ user: userOut(profile.user, ctx) })],
    fails: [],
    example: { reply: { user: USER } },
  }),
  row({
    id: 'updateProfile',
    on: 'PUT /api/profile',
    summary: 'Change your profile',
    description: 'Changes your name and your picture. A picture that is absent stays; null takes it away.',
    tag,
    access: user(),
    limit: 'write',
    takes: { body: ProfileIn },
    call: (ctx, { body }) => updateProfile(ctx, profileChangeOf(ctx, body)),
    gives: [
      200,
      said('Profile updated successfully.').extend({ user: UserOut }),
      (profile, ctx) => ({ message: 'Profile updated successfully.' as const, user: userOut(profile.user, ctx) }),
    ],
    refuses: { 400: 'Invalid profile data' },
    fails: ['request.stale'],
    example: {
      body: { name: 'John Smith', profile_image: 'https://example.com/john.jpg' },
      reply: {
        message: 'Profile updated successfully.',
        user: { ...USER, name: 'John Smith', profile_image: 'https://example.com/john.jpg' },
      },
    },
  }),
  row({
    id: 'deactivateUser',
    on: 'POST /api/deactivate',
    summary: 'Deactivate your account',
    description: 'Ends every session. What you recorded stays. Sign in again to get a token with which you can reactivate the account.',
    tag,
    access: user(),
    limit: 'write',
    call: deactivateUser,
    gives: [200, said('User deactivated successfully.'), () => ({ message: 'User deactivated successfully.' as const })],
    refuses: { 404: 'User not found' },
    fails: ['request.not_found'],
    example: { reply: { message: 'User deactivated successfully.' } },
  }),
  row({
    id: 'reactivateUser',
    on: 'POST /api/reactivate',
    summary: 'Reactivate your account',
    description: 'Makes a deactivated account what it was; an active one stays as it is.',
    tag,
    access: user(),
    limit: 'write',
    whileDeactivated: true,
    call: reactivateUser,
    gives: [200, said('User reactivated successfully.'), () => ({ message: 'User reactivated successfully.' as const })],
    refuses: { 404: 'User not found' },
    fails: ['request.not_found'],
    example: { reply: { message: 'User reactivated successfully.' } },
  }),
  row({
    id: 'listLogins',
    on: 'GET /api/login-history',
    summary: 'List when you signed in',
    description: 'The newest first; tries that failed are not listed.',
    tag,
    access: user(),
    limit: 'read',
    call: (ctx) => listLogins(ctx, ALL_LOGINS),
    gives: [
      200,
      z.object({ login_history: z.array(LoginOut) }),
      ({ items }) => ({ login_history: items.filter((login) => login.outcome === 'success').map(loginOut) }),
    ],
    fails: [],
    example: { reply: { login_history: [{ id: '0193473d-1e5a-7e1b-9b3a-5c2f8d7e6a11', login_at: '2026-11-20T10:30:00.000Z' }] } },
  }),
]
