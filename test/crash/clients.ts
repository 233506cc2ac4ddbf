// Twelve people who record, change, delete and comment at once, and ask again under the same key until they are
// answered, whatever becomes of the server meanwhile.

export interface Person {
  readonly id: string
  readonly token: string
}

export interface Team {
  readonly id: string
  readonly people: readonly Person[]
}

/** A write that somebody wants done: once, and not twice. */
export interface Wish {
  readonly key: string
  readonly kind: 'create' | 'update' | 'delete' | 'comment'
  readonly groupId: string
  /** What an expense is called; unique to its wish. */
  readonly title?: string
  expenseId?: string
  /** The answer, once there was one; a wish without one may have been done or not. */
  status?: number
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

interface Answer {
  readonly status: number
  readonly body: { readonly data: Record<string, string> }
}

/** Sends a request once; undefined where no answer came, or one that says to come back. */
async function attempt(
  origin: string,
  token: string,
  method: string,
  path: string,
  body: unknown,
  key?: string,
): Promise<Answer | undefined> {
  try {
    const reply = await fetch(`${origin}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    })
    const text = await reply.text()
    if (reply.status >= 500) return undefined
    return { status: reply.status, body: text === '' ? { data: {} } : (JSON.parse(text) as Answer['body']) }
  } catch {
    return undefined
  }
}

/** Asks until there is an answer. */
async function ask(origin: string, token: string, method: string, path: string, body?: unknown, key?: string): Promise<Answer> {
  for (;;) {
    const answer = await attempt(origin, token, method, path, body, key)
    if (answer !== undefined) return answer
    await sleep(150)
  }
}

/** Asks, and throws unless it succeeds. */
export async function dataOf<T>(origin: string, token: string, method: string, path: string, body?: unknown): Promise<T> {
  const { status, body: answer } = await ask(origin, token, method, path, body)
  if (status >= 300) throw new Error(`${method} ${path} was answered ${status}: ${JSON.stringify(answer)}`)
  return answer.data as T
}

const PASSWORD = 'SecurePassword123!'

export async function register(origin: string, name: string): Promise<Person & { email: string }> {
  const email = `${name}@crash.test`
  const { user, tokens } = await dataOf<{ user: { id: string }; tokens: { access: string } }>(origin, '', 'POST', '/api/auth/register/', {
    email,
    password: PASSWORD,
    first_name: name,
  })
  return { id: user.id, token: tokens.access, email }
}

export class Client {
  readonly wishes: Wish[] = []
  readonly #origin: string
  readonly #name: string
  readonly #person: Person
  readonly #teams: readonly Team[]
  readonly #mine: { id: string; groupId: string }[] = []
  repeated = 0

  constructor(origin: string, name: string, person: Person, teams: readonly Team[]) {
    this.#origin = origin
    this.#name = name
    this.#person = person
    this.#teams = teams
  }

  /** Wishes one thing after the other until it is told to stop, and sees the last one through. */
  async work(isOver: () => boolean): Promise<void> {
    while (!isOver()) await this.#wish()
  }

  async #wish(): Promise<void> {
    const dice = Math.random()
    const own = this.#mine[Math.floor(Math.random() * this.#mine.length)]
    const kind = own === undefined || dice < 0.55 ? 'create' : dice < 0.75 ? 'update' : dice < 0.85 ? 'delete' : 'comment'
    const team = this.#teams[Math.floor(Math.random() * this.#teams.length)]
    if (team === undefined) return
    const n = this.wishes.length
    const title = `${this.#name} wish ${n}`
    const groupId = kind === 'create' ? team.id : (own?.groupId ?? team.id)
    const wish: Wish = { key: crypto.randomUUID(), kind, groupId, title, ...(kind !== 'create' && own && { expenseId: own.id }) }
    this.wishes.push(wish)
    const [method, path, body] = this.#requestOf(wish)
    for (;;) {
      const answer = await attempt(this.#origin, this.#person.token, method, path, body, wish.key)
      if (answer === undefined) {
        this.repeated++
        await sleep(100 + Math.random() * 200)
        continue
      }
      wish.status = answer.status
      if (kind === 'create' && answer.status === 201) {
        wish.expenseId = answer.body.data['id'] ?? ''
        this.#mine.push({ id: wish.expenseId, groupId })
      }
      if (kind === 'delete' && own !== undefined) this.#mine.splice(this.#mine.indexOf(own), 1)
      return
    }
  }

  #requestOf({ kind, groupId, expenseId, title }: Wish): readonly [string, string, unknown] {
    const amount = (1 + Math.floor(Math.random() * 20_000) / 100).toFixed(2)
    switch (kind) {
      case 'create':
        return ['POST', '/api/expenses/', { title, amount, group_id: groupId }]
      case 'update':
        return ['PATCH', `/api/expenses/${expenseId}/`, { amount, title }]
      case 'delete':
        return ['DELETE', `/api/expenses/${expenseId}/`, undefined]
      case 'comment':
        return ['POST', `/api/expenses/${expenseId}/comments/`, { comment: title }]
    }
  }
}
