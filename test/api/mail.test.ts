// What people get by mail beyond what proves their address: notices with a way to end them, and figures that are those
// of the ledger. And the mails as the sending platform is given them.
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../src/db/client.ts'
import { readMoved } from '../../src/db/statements.ts'
import { newId, type Id } from '../../src/domain/ids.ts'
import type { Notification } from '../../src/domain/notification.ts'
import { monthBorders, statementLine } from '../../src/domain/statement.ts'
import { DAY, HOUR } from '../../src/domain/time.ts'
import type { Env } from '../../src/env.ts'
import { mailerOf } from '../../src/platform/mail.ts'
import { sendNotices } from '../../src/services/notice-mail.ts'
import { turnOffMail } from '../../src/services/preferences-off.ts'
import { readStatement } from '../../src/services/statement.ts'
import { unsubscribeToken } from '../../src/services/unsubscribe.ts'
import { env } from '../support/env.ts'
import { jobAt, ORIGIN } from '../support/jobs.ts'
import { dataOf } from '../support/scene.ts'
import { group, person, worker, type Client } from '../support/world.ts'

const APP: Env = { ...env, APP_URL: 'https://app.test/' }

const notice = (userId: string, fields: Partial<Notification> = {}): Notification => ({
  id: newId('notification'),
  userId: userId as Id<'user'>,
  type: 'expense_added',
  priority: 'normal',
  title: 'New expense in Flat',
  message: 'Bob added "Tea"',
  metadata: {},
  createdAt: Date.now(),
  ...fields,
})

interface Kept {
  readonly id: string
  readonly subject: string
  readonly text: string
}

async function mailsTo(email: string): Promise<Kept[]> {
  const response = await worker.fetch(new Request(`${ORIGIN}/dev/mail?to=${email}`, { headers: { Accept: 'application/json' } }))
  return (await response.json<Kept[]>()).filter(({ subject }) => !subject.includes('verification code'))
}

const eml = async (id: string): Promise<string> => {
  const response = await worker.fetch(new Request(`${ORIGIN}/dev/mail/${id}.eml`))
  return new TextDecoder().decode(await response.arrayBuffer())
}

/** A person whose address is proven. */
async function verified(name: string, fields: Record<string, unknown> = {}): Promise<Client> {
  const client = await person(name, fields)
  await env.DB.prepare('UPDATE users SET is_verified = 1 WHERE id = ?').bind(client.id).run()
  return client
}

const mail = (client: Client, notices: readonly Notification[], id = newId('mail'), bindings = APP) =>
  sendNotices(jobAt(Date.now(), bindings), id, client.id as Id<'user'>, notices)

const linkIn = (text: string): string => /https?:\/\/\S+\/unsubscribe\/\S+/.exec(text)?.[0] ?? ''
const pathOf = (link: string): string => new URL(link).pathname

describe('sendNotices', () => {
  test('mails one notice by itself, with a link to the app and one to end its kind', async () => {
    const ann = await verified('ann')
    await mail(ann, [notice(ann.id, { actionUrl: '/expenses/exp_1', sender: { id: 'usr_1', name: 'Bob' } })])
    const [sent, ...more] = await mailsTo(ann.email)
    expect(more).toEqual([])
    expect(sent).toMatchObject({ subject: 'New expense in Flat' })
    expect(sent?.text).toContain('Open in Quits: https://app.test/expenses/exp_1')
    const message = await eml(sent?.id ?? '')
    const link = linkIn(sent?.text ?? '')
    expect(message).toContain(`List-Unsubscribe: <${link}>\r\n`)
    expect(message).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n')
    expect(message).toContain('Auto-Submitted: auto-generated\r\n')
    expect(message).toContain(`Message-ID: <${sent?.id}@quits.example>`)
  })

  test('mails several as one digest, by group, which ends all mail; a second try replaces it', async () => {
    const { id: groupId, as } = await group(['ann', 'bob'], { name: 'Flat <1>' })
    const { ann } = as
    await env.DB.prepare('UPDATE users SET is_verified = 1 WHERE id = ?').bind(ann.id).run()
    const notices = [1, 2, 3].map((n) =>
      notice(ann.id, { title: `Thing ${n}`, createdAt: n, ...(n < 3 && { groupId: groupId as Id<'group'> }) }),
    )
    const id = newId('mail')
    await mail(ann, notices, id)
    await mail(ann, notices, id)
    const [sent, ...more] = await mailsTo(ann.email)
    expect(more).toEqual([])
    expect(sent?.subject).toBe('3 notifications from Quits')
    expect(sent?.text).toContain('Flat <1> (2)')
    expect(sent?.text).toContain('No more notifications by mail: ')
    const html = await worker.fetch(new Request(`${ORIGIN}/dev/mail/${id}.html`))
    expect(html.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await html.text()).toContain('Flat &lt;1&gt; (2)')
  })

  test('mails nobody who is not verified, is deactivated or wants no mail', async () => {
    const [unproven, gone, quiet] = [await person('ann'), await verified('bob'), await verified('eve')]
    await gone.post('/api/users/me/deactivate/')
    await quiet.patch('/api/users/me/', { settings: { email_notifications: false } })
    for (const one of [unproven, gone, quiet]) await mail(one, [notice(one.id), notice(one.id, { title: 'Another' })])
    expect([await mailsTo(unproven.email), await mailsTo(gone.email), await mailsTo(quiet.email)]).toEqual([[], [], []])
  })

  test('gives the sending platform no header that it refuses', async () => {
    const sent: { headers: Record<string, string> }[] = []
    const EMAIL = { send: (message: { headers: Record<string, string> }) => Promise.resolve(sent.push(message)) } as unknown as SendEmail
    const sending: Env = { ...env, ENVIRONMENT: 'production', EMAIL }
    const base = { id: newId('mail'), to: 'ann@mail.test', subject: 'x', text: 'x', html: 'x' }
    await mailerOf(sending, 0).send(base)
    await mailerOf(sending, 0).send({ ...base, unsubscribeUrl: 'https://quits.test/u/' })
    expect(sent.map(({ headers }) => headers)).toEqual([
      { 'Auto-Submitted': 'auto-generated', 'X-Entity-Ref-ID': base.id },
      {
        'Auto-Submitted': 'auto-generated',
        'X-Entity-Ref-ID': base.id,
        'List-Unsubscribe': '<https://quits.test/u/>',
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      },
    ])
  })
})

describe('unsubscribe', () => {
  const preferencesOf = async (userId: string): Promise<unknown> =>
    JSON.parse(
      (await env.DB.prepare('SELECT body FROM notification_preferences WHERE user_id = ?').bind(userId).first<string>('body')) ?? 'null',
    )
  const post = (path: string, body?: string, type?: string) =>
    worker.fetch(`https://api.test${path}`, {
      method: 'POST',
      ...(body !== undefined && { body }),
      headers: type === undefined ? {} : { 'Content-Type': type },
    })
  const pathFor = (userId: string, scope: string) =>
    `/api/notifications/unsubscribe/${unsubscribeToken(env.SECRET, userId as Id<'user'>, scope)}/`

  test('ends a kind of mail as mail programs ask for it, and is as good twice as once', async () => {
    const ann = await verified('ann')
    await mail(ann, [notice(ann.id, { type: 'balance_reminder' })])
    const [sent] = await mailsTo(ann.email)
    const path = pathOf(linkIn(sent?.text ?? ''))
    const versionOf = () =>
      env.DB.prepare('SELECT updated_at FROM notification_preferences WHERE user_id = ?').bind(ann.id).first('updated_at')
    expect((await post(path, 'List-Unsubscribe=One-Click', 'application/x-www-form-urlencoded')).status).toBe(200)
    expect(await preferencesOf(ann.id)).toEqual({ types: { balance_reminder: { channels: ['push', 'in_app'] } } })
    const first = await versionOf()
    for (const [body, type] of [
      [undefined, undefined],
      ['{}', 'application/json'],
      ['--x--', 'multipart/form-data; boundary=x'],
    ] as const) {
      const reply = await post(path, body, type)
      expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
      expect(await reply.text()).toContain('no more balance reminder notifications by mail')
    }
    expect(await versionOf()).toBe(first)
  })

  test('leaves alone what else the person has chosen', async () => {
    const ann = await verified('ann')
    const chosen = {
      types: {
        expense_added: { enabled: true, channels: ['email', 'in_app', 'sms'], frequency: 'daily' },
        payment_due: { enabled: false },
      },
      quiet_hours: { enabled: true, start: '22:00', end: '08:00' },
    }
    await env.DB.prepare('INSERT INTO notification_preferences (user_id, body, updated_at) VALUES (?, ?, 0)')
      .bind(ann.id, JSON.stringify(chosen))
      .run()
    await turnOffMail(jobAt(), ann.id as Id<'user'>, 'expense_added')
    await turnOffMail(jobAt(), ann.id as Id<'user'>, 'payment_due')
    expect(await preferencesOf(ann.id)).toEqual({
      types: {
        expense_added: { enabled: true, channels: ['in_app', 'sms'], frequency: 'daily' },
        payment_due: { enabled: false, channels: ['push', 'in_app'] },
      },
      quiet_hours: chosen.quiet_hours,
    })
  })

  test('ends all mail from a digest, as a change of the account that others notice', async () => {
    const ann = await verified('ann')
    const before = await dataOf<{ version: number }>(ann.get('/api/users/me/'))
    for (let n = 0; n < 2; n++) expect((await post(pathFor(ann.id, 'all'))).status).toBe(200)
    const after = await dataOf<{ version: number; settings: object }>(ann.get('/api/users/me/'))
    expect(after.settings).toMatchObject({ email_notifications: false, notifications_enabled: true })
    expect(after.version).toBe(before.version + 1)
  })

  test('asks first when the link is opened, and changes nothing', async () => {
    const ann = await verified('ann')
    const page = await worker.fetch(`https://api.test${pathFor(ann.id, 'expense_added')}`)
    expect([page.status, page.headers.get('content-security-policy')]).toEqual([200, expect.stringContaining("form-action 'self'")])
    expect(await page.text()).toMatch(/no more expense added notifications by mail[^]*<form method="post">/)
    expect(await preferencesOf(ann.id)).toBeNull()
  })

  test('knows a token that we did not make, or that says something else', async () => {
    const ann = await verified('ann')
    const good = pathFor(ann.id, 'expense_added').split('/')[4] ?? ''
    const [, mac = ''] = good.split('.')
    const claim = (payload: string): string => `${Buffer.from(payload).toString('base64url')}.${mac}`
    const bad = [
      'x',
      `x.${mac}`,
      good.slice(0, -1),
      `${good.slice(0, -2)}AA`,
      claim(`${ann.id} all`),
      claim(`${newId('user')} expense_added`),
      unsubscribeToken('another-secret-of-more-than-thirty-two-bytes', ann.id as Id<'user'>, 'expense_added'),
      unsubscribeToken(env.SECRET, 'nobody' as Id<'user'>, 'expense_added'),
      unsubscribeToken(env.SECRET, ann.id as Id<'user'>, "a'b"),
    ]
    for (const token of bad) {
      const path = `/api/notifications/unsubscribe/${token}/`
      expect([token, (await post(path)).status, (await worker.fetch(`https://api.test${path}`)).status]).toEqual([token, 404, 404])
    }
    expect(await preferencesOf(ann.id)).toBeNull()
  })
})

describe('a statement', () => {
  test('is a mail of its own, with the figures of the month and what is open', async () => {
    const { id: groupId, as } = await group(['ann', 'bob'], { name: 'Flat' })
    const { ann, bob } = as
    await env.DB.prepare('UPDATE users SET is_verified = 1 WHERE id = ?').bind(ann.id).run()
    await dataOf(bob.post('/api/expenses/', { title: 'Tea', amount: '25.00', group_id: groupId }))
    await dataOf(ann.post('/api/expenses/', { title: 'Bread', amount: '5.00', group_id: groupId }))
    const month = new Date().toISOString().slice(0, 7)
    const statement = notice(ann.id, { type: 'monthly_statement', metadata: { month } })
    await mail(ann, [statement, notice(ann.id)])
    const sent = await mailsTo(ann.email)
    expect(sent.map(({ subject }) => subject.replace(/for .*/, '')).sort()).toEqual(['New expense in Flat', 'Your statement '])
    const text = sent.find(({ subject }) => subject.startsWith('Your statement'))?.text ?? ''
    expect(text).toMatch(
      /Flat \(EUR\)\n-+\n\n {2}At the start of the month +square\n {2}You paid +€5\.00\n {2}Your share +€15\.00\n {2}At the end of the month +you owe €10\.00\n/,
    )
    expect(text).toMatch(/Open today\n-+\n\n {2}You pay bob Test +€10\.00\n {2}- Flat/)
  })

  describe('over any ledger', () => {
    const zone = 'Australia/Lord_Howe'
    const month = '2026-04'
    let ann: Client
    beforeAll(async () => {
      ann = await person('ann', { timezone: zone })
    })

    let count = 0
    /** A group of two whose entries were written at these instants; each moves so much in the two columns. */
    async function seed(entries: readonly { at: number; paid: number; owed: number; isMine: boolean }[]): Promise<string> {
      const [groupId, member, other] = [newId('group'), newId('member'), newId('member')]
      count += 1
      const insertMember = 'INSERT INTO members (id, group_id, user_id, name, role, status, joined_at) VALUES (?, ?, ?, ?, ?, ?, 0)'
      await env.DB.batch([
        env.DB.prepare(
          `INSERT INTO groups (id, name, description, type, is_personal, currency, is_private, settings, created_by, created_at, updated_at, seq, head, version, member_count, expense_count, total_minor, unsettled_minor, told_seq)
           VALUES (?, ?, '', 'home', 0, 'EUR', 0, '{}', ?, 0, 0, ?, '', 1, 2, 0, 0, 0, ?)`,
        ).bind(groupId, `G${count}`, ann.id, entries.length, entries.length),
        env.DB.prepare(insertMember).bind(member, groupId, ann.id, 'ann', 'owner', 'active'),
        env.DB.prepare(insertMember).bind(other, groupId, null, 'other', 'member', 'active'),
        ...entries.flatMap(({ at, paid, owed, isMine }, i) => [
          env.DB.prepare(
            "INSERT INTO journal (group_id, seq, command_id, at, type, body, text_digest, previous, hash) VALUES (?, ?, ?, ?, 'expense_recorded', '{}', '', ?, ?)",
          ).bind(groupId, i + 1, newId('command'), at, i === 0 ? '' : `h${i}`, `h${i + 1}`),
          env.DB.prepare("INSERT INTO postings (group_id, member_id, currency, seq, paid, owed) VALUES (?, ?, 'EUR', ?, ?, ?)").bind(
            groupId,
            isMine ? member : other,
            i + 1,
            paid,
            owed,
          ),
        ]),
      ])
      return groupId
    }

    test('says what a plain sum of the postings says', async () => {
      const { from, to } = monthBorders(zone, month)
      const edges = [from - 1, from, from + 1, to - 1, to, to + 1]
      const instant = fc.oneof(fc.constantFrom(...edges), fc.integer({ min: from - 40 * DAY, max: to + 40 * DAY }))
      const amount = fc.integer({ min: -100_000, max: 100_000 })
      const entry = fc.record({ at: instant, paid: amount, owed: amount, isMine: fc.boolean() })
      await fc.assert(
        fc.asyncProperty(fc.array(entry, { maxLength: 12 }), async (some) => {
          const entries = some.sort((a, b) => a.at - b.at)
          const groupId = await seed(entries)
          const moved = (await readMoved(connect(env.DB).$client, ann.id as Id<'user'>, from, to)).find((one) => one.groupId === groupId)
          const mine = entries.filter(({ isMine }) => isMine)
          const net = (before: number): number => mine.filter(({ at }) => at < before).reduce((sum, e) => sum + e.paid - e.owed, 0)
          const within = mine.filter(({ at }) => at >= from && at < to)
          // Nobody has a balance to whom nothing was ever posted.
          const line = moved === undefined ? { opening: 0, paid: 0, share: 0, closing: 0 } : statementLine(moved)
          expect(line).toMatchObject({
            opening: net(from),
            paid: within.reduce((sum, { paid }) => sum + paid, 0),
            share: within.reduce((sum, { owed }) => sum + owed, 0),
            closing: net(to),
          })
        }),
        { numRuns: 60 },
      )
    }, 60_000)

    test('leaves out archived groups, and lines on which there is nothing to say', async () => {
      const { from } = monthBorders(zone, month)
      const eve = ann
      await env.DB.prepare("UPDATE members SET status = 'left' WHERE user_id = ?").bind(eve.id).run()
      const [shown, archived] = [
        await seed([{ at: from + HOUR, paid: 500, owed: 500, isMine: true }]),
        await seed([{ at: from + HOUR, paid: 700, owed: 700, isMine: true }]),
      ]
      await seed([{ at: from + 60 * DAY, paid: 300, owed: 300, isMine: true }])
      await env.DB.prepare('UPDATE groups SET archived_at = 1 WHERE id = ?').bind(archived).run()
      const statement = await readStatement(jobAt(), { id: eve.id as Id<'user'>, timezone: zone }, month)
      const name = await env.DB.prepare('SELECT name FROM groups WHERE id = ?').bind(shown).first<string>('name')
      expect(statement).toEqual({
        month,
        lines: [{ group: name, currency: 'EUR', opening: 0, paid: 500, share: 500, closing: 0 }],
        debts: [],
      })
    })
  })
})
