// A group to look at, made the way people make one. It exists once, however often it is asked for.
import type { Ctx } from '../context.ts'
import { findPeopleByEmail } from '../db/people.ts'
import { findUser } from '../db/users.ts'
import type { SignedIn } from '../domain/actor.ts'
import { EUR } from '../domain/currency.ts'
import { AppError } from '../domain/errors.ts'
import type { ExpenseDraft } from '../domain/commands.ts'
import { newId, type Id } from '../domain/ids.ts'
import { DAY, dayIn } from '../domain/time.ts'
import { registerUser } from './auth.ts'
import { createExpense } from './expenses.ts'
import { createGroup, listGroups } from './groups.ts'
import { DEFAULT_GROUP_SETTINGS } from './personal.ts'

const PASSWORD = 'Lisbon-2026-Quits!'
const PEOPLE = [
  ['dana@quits.example', 'Dana', 'Silva'],
  ['ben@quits.example', 'Ben', 'Ito'],
  ['cleo@quits.example', 'Cleo', 'Ruiz'],
  ['ada@quits.example', 'Ada', 'Berg'],
] as const

export interface Demo {
  readonly email: string
  readonly password: string
  readonly groupId: Id<'group'>
}

async function actorOf(ctx: Ctx, [email, firstName, lastName]: (typeof PEOPLE)[number]): Promise<SignedIn> {
  const [known] = await findPeopleByEmail(ctx.db, [email])
  const userId =
    known?.userId ??
    (await registerUser(ctx, { email, password: PASSWORD, firstName, lastName, preferredCurrency: EUR, timezone: 'Europe/Berlin' })).user.id
  const user = await findUser(ctx.db, userId)
  if (user === undefined) throw new AppError('internal')
  const { tier, personalGroupId, timezone } = user
  return { type: 'session', sessionId: newId('session'), userId, tier, personalGroupId, timezone }
}

/** The demo's login and group, made if they are not there yet. Throws `request.not_found` anywhere but locally. */
export async function seedDemo(ctx: Ctx): Promise<Demo> {
  if (ctx.env.ENVIRONMENT !== 'local') throw new AppError('request.not_found')
  const actors: SignedIn[] = []
  for (const person of PEOPLE) actors.push(await actorOf(ctx, person))
  const [dana] = actors
  if (dana === undefined) throw new Error('the demo has people')
  const login = { email: PEOPLE[0][0], password: PASSWORD }
  const { items } = await listGroups({ ...ctx, actor: dana }, {}, { page: 1, size: 1 })
  const [group] = items
  return { ...login, groupId: group?.info.id ?? (await makeGroup(ctx, actors)) }
}

async function makeGroup(ctx: Ctx, actors: readonly SignedIn[]): Promise<Id<'group'>> {
  const [dana, ben, cleo, ada] = actors
  if (dana === undefined || ben === undefined || cleo === undefined || ada === undefined) throw new Error('the demo has four people')
  const made = await createGroup(
    { ...ctx, actor: dana },
    {
      name: 'Lisbon 2026',
      description: 'Four days in spring',
      type: 'trip',
      currency: EUR,
      isPrivate: false,
      settings: DEFAULT_GROUP_SETTINGS,
      initialMembers: PEOPLE.slice(1).map(([email]) => email),
    },
  )
  const day = (ago: number) => dayIn('Europe/Berlin', ctx.now - ago * DAY)
  const spend = (actor: SignedIn, draft: ExpenseDraft) => createExpense({ ...ctx, actor }, { groupId: made.info.id, draft })
  await spend(dana, { title: 'Apartment in Alfama', amount: '612.00', date: day(6), tags: ['stay'], vendor: 'Casa Azul' })
  await spend(ben, { title: 'Dinner', amount: '94.70', date: day(5), vendor: 'Tasca do Chico', tags: ['food'] })
  await spend(cleo, {
    title: 'Train to Sintra',
    amount: '18.40',
    date: day(4),
    split: { type: 'equal', members: [dana.userId, ben.userId, cleo.userId] },
  })
  await spend(ada, {
    title: 'Surf lesson',
    amount: '120.00',
    date: day(3),
    split: {
      type: 'shares',
      parts: [
        { member: ada.userId, weight: '2' },
        { member: ben.userId, weight: '1' },
      ],
    },
  })
  return made.info.id
}
