// The `webhooks` of OpenAPI 3.1: the requests that we send, with the headers by which a receiver knows them.
import { z } from 'zod'
import { webhookHeaders } from './openapi-parts.ts'
import type { Json, SchemaBook } from './openapi-schemas.ts'

/** An event that is sent to those who asked for it. */
export interface WebhookEvent {
  readonly name: string
  readonly summary: string
  readonly description: string
  readonly schema: z.ZodType
  readonly example: unknown
}

const operationIdOf = (name: string): string => `on${name.replaceAll(/(?:^|[._])(\w)/g, (_, letter: string) => letter.toUpperCase())}`

const parameterOf = ([name, { description, schema }]: [string, Json]): Json => ({
  name,
  in: 'header',
  required: name !== 'X-Webhook-Signature-Previous',
  description,
  schema,
})

const ANSWERS: Json = {
  '2XX': { description: 'Taken in; it is not sent again.' },
  410: { description: 'There is nobody any more: the webhook is disabled.' },
  '4XX': { description: 'Tried again later, as is everything that is not 2XX; redirects are not followed.' },
  429: { description: 'Tried again later; a `Retry-After` that is longer than our own waiting is kept to.' },
  '5XX': { description: 'Tried again later.' },
}

/** One path item for each event. */
export const webhooksOf = (events: readonly WebhookEvent[], tag: string, schemas: SchemaBook): Json =>
  Object.fromEntries(
    events.map(({ name, summary, description, schema, example }) => [
      name,
      {
        post: {
          operationId: operationIdOf(name),
          summary,
          description,
          tags: [tag],
          security: [],
          parameters: Object.entries(webhookHeaders as Record<string, Json>).map(parameterOf),
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: schemas.schemaOf(schema, 'output'),
                examples: { example: { summary: 'Example', value: example } },
              },
            },
          },
          responses: ANSWERS,
        },
      },
    ]),
  )
