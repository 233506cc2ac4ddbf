// People for the tests of accounts: registered over HTTP, their mail read where it is kept.
import { expect } from 'vitest'
import { drainOutbox } from '../../src/jobs/outbox.ts'
import { jobAt, ORIGIN } from './jobs.ts'
import { PASSWORD, send, worker } from './world.ts'

export const NEW_PASSWORD = 'NewSecurePassword123!'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: {
    data: unknown
    message?: string
    error: { code: string; details: { field: string; code: string }[]; current?: unknown }
    meta: unknown
  }
}

/** The data of a reply as the test expects it; what is not there fails where it is used. */
export const dataOf = <T>(answer: Answer): T => answer.body.data as T

export interface Tokens {
  readonly access: string
  readonly refresh: string
  readonly expires_in: number
}

export interface SignedIn {
  readonly user: { readonly id: string; readonly email: string; readonly username: string }
  readonly tokens: Tokens
}

/** Sends a request such as `POST /api/auth/login/`, and holds the reply against its schema. */
export async function call(
  on: string,
  options: { body?: unknown; token?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const [method = 'GET', path = '/'] = on.split(' ')
  const { body, token, headers } = options
  return send(method, path, body, { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers })
}

let counter = 0

/** A person who has just registered. */
export async function register(fields: Record<string, unknown> = {}) {
  const email = `person${(counter += 1)}@mail.test`
  const answer = await call('POST /api/auth/register/', {
    body: { email, password: PASSWORD, first_name: 'Ann', last_name: 'Lee', ...fields },
  })
  expect(answer.status).toBe(201)
  const { user, tokens } = dataOf<SignedIn>(answer)
  return { ...user, ...tokens }
}

export const logIn = (email: string, password = PASSWORD): Promise<Answer> => call('POST /api/auth/login/', { body: { email, password } })
export const refresh = (token: string): Promise<Answer> => call('POST /api/auth/refresh/', { body: { refresh: token } })
export const me = (token: string): Promise<Answer> => call('GET /api/users/me/', { token })

/** The newest mail to the address whose subject matches; waits for whoever is sending it. */
export async function readMail(to: string, subject: RegExp, count = 1): Promise<{ code: string; token: string; name: string }> {
  for (let tries = 0; tries < 50; tries++) {
    await drainOutbox(jobAt())
    const response = await worker.fetch(new Request(`${ORIGIN}/dev/mail?to=${to}`, { headers: { Accept: 'application/json' } }))
    const mails = (await response.json<{ id: string; subject: string; text: string }[]>()).filter((mail) => subject.test(mail.subject))
    const [mail] = mails
    if (mail !== undefined && mails.length >= count) {
      return { code: /^ {4}(\d{6})$/m.exec(mail.text)?.[1] ?? '', token: /^ {4}([\w-]{43})$/m.exec(mail.text)?.[1] ?? '', name: mail.id }
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`no mail to ${to} about ${subject}`)
}
