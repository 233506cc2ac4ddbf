// The AsyncAPI 3.0 document of the sockets. Its messages are read from the schemas that they are made with, so that
// it can't say what the server doesn't.
import type { z } from 'zod'
import { schemaBook, type Json } from './openapi-schemas.ts'

/** One message, and which end sends it. */
export interface SocketMessage {
  readonly name: string
  readonly from: 'client' | 'server'
  readonly summary: string
  readonly schema: z.ZodType
  readonly example: unknown
}

export interface SocketChannel {
  readonly name: string
  readonly address: string
  readonly title: string
  readonly description: string
  readonly parameters?: Readonly<Record<string, { readonly description: string; readonly examples: readonly string[] }>>
  readonly query?: z.ZodType
  readonly messages: readonly SocketMessage[]
}

export interface SocketInfo {
  readonly title: string
  readonly version: string
  readonly description: string
}

const HEADERS: Json = {
  type: 'object',
  properties: {
    Authorization: { type: 'string', description: 'Bearer and an access token or API key. Without it, the first message has to be auth.' },
  },
}

const refTo = (...path: readonly string[]): Json => ({ $ref: `#/${path.join('/')}` })

function channelOf(channel: SocketChannel, query: Json | undefined): Json {
  const { address, title, description, parameters, messages } = channel
  return {
    address,
    title,
    description,
    ...(parameters && { parameters }),
    messages: Object.fromEntries(messages.map(({ name }) => [name, refTo('components', 'messages', name)])),
    bindings: { ws: { method: 'GET', headers: HEADERS, ...(query && { query }), bindingVersion: '0.1.0' } },
  }
}

/** What the server does on a channel; AsyncAPI speaks of the server's side, so what a client sends it receives. */
function operationsOf({ name, title, messages }: SocketChannel): [string, Json][] {
  const of = (from: SocketMessage['from']) =>
    messages.filter((m) => m.from === from).map((m) => refTo('channels', name, 'messages', m.name))
  const channel = refTo('channels', name)
  return [
    [`${name}Hears`, { action: 'receive', channel, summary: `${title}: what a client says`, messages: of('client') }],
    [`${name}Tells`, { action: 'send', channel, summary: `${title}: what a client is told`, messages: of('server') }],
  ]
}

/** The document of the channels, served at this origin. */
export function asyncApiOf(channels: readonly SocketChannel[], info: SocketInfo, origin: URL): object {
  const book = schemaBook()
  const all = new Map(channels.flatMap((channel) => channel.messages).map((message) => [message.name, message]))
  const messages = [...all.values()].map(({ name, from, summary, schema, example }): [string, Json] => {
    const payload = book.schemaOf(schema, from === 'client' ? 'input' : 'output')
    return [
      name,
      { name, title: name, summary, contentType: 'application/json', payload, examples: [{ name: 'example', payload: example }] },
    ]
  })
  return {
    asyncapi: '3.0.0',
    info: { ...info, license: { name: 'MIT' } },
    defaultContentType: 'application/json',
    servers: {
      quits: { host: origin.host, protocol: origin.protocol === 'https:' ? 'wss' : 'ws', description: 'The same origin as the API' },
    },
    channels: Object.fromEntries(
      channels.map((channel) => [channel.name, channelOf(channel, channel.query && book.schemaOf(channel.query, 'input'))]),
    ),
    operations: Object.fromEntries(channels.flatMap(operationsOf)),
    components: { messages: Object.fromEntries(messages), schemas: book.components },
  }
}
