import { describe, expect, test } from 'vitest'
import { asyncApiOf } from '../../src/http/asyncapi.ts'
import { SOCKET_CHANNELS, SOCKET_INFO } from '../../src/routes/live-docs.ts'

const document = JSON.parse(JSON.stringify(asyncApiOf(SOCKET_CHANNELS, SOCKET_INFO, new URL('https://quits.example/asyncapi.json'))))
const messages = SOCKET_CHANNELS.flatMap((channel) => channel.messages)

/** What a reference in the document leads to. */
const lookUp = (ref: string): unknown =>
  ref
    .slice(2)
    .split('/')
    .reduce((at: any, key) => at?.[key], document)

describe('asyncApiOf', () => {
  test('says where the sockets are, and what each end sends there', () => {
    expect(document).toMatchObject({ asyncapi: '3.0.0', servers: { quits: { host: 'quits.example', protocol: 'wss' } } })
    expect(Object.values(document.channels).map((channel: any) => channel.address)).toEqual([
      '/ws/',
      '/ws/groups/{group_id}',
      '/ws/claims/{token}',
    ])
    expect(document.channels.group.bindings.ws.query.properties).toHaveProperty('from_seq')
    expect(Object.entries(document.operations).map(([name, { action }]: any) => [name, action])).toEqual([['userHears', 'receive'], ['userTells', 'send'], ['groupHears', 'receive'], ['groupTells', 'send'], ['claimsHears', 'receive'], ['claimsTells', 'send']]) // oxfmt-ignore
    const told = document.operations.groupTells.messages.map(({ $ref }: { $ref: string }) => $ref.split('/').at(-1))
    expect(told).toEqual([
      'ready',
      'pong',
      'snapshot',
      'expense_update',
      'receipt_update',
      'payment_update',
      'balance_update',
      'group_activity',
      'error',
    ])
  })

  test('refers only to what is in it', () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] ?? '')
    expect(refs.length).toBeGreaterThan(20)
    expect(refs.filter((ref) => lookUp(ref) === undefined)).toEqual([])
  })

  test.each(messages.map((message) => [message.name, message] as const))('the example of %s is one', (_, { schema, example }) => {
    expect(schema.parse(example)).toEqual(example)
  })
})
