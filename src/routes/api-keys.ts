// API keys: for programs that act for a person. Only a session makes and revokes them, so a key never begets a key.
import { z } from 'zod'
import { SCOPES } from '../domain/actor.ts'
import type { ApiKey } from '../domain/credentials.ts'
import { mapPage } from '../domain/page.ts'
import { id, instant, instantOrNull, instantOut, line } from '../http/fields.ts'
import { data, list, nothing, operation, user, type Operation } from '../http/operation.ts'
import { pageFields, pageRequest } from '../http/pages.ts'
import { createApiKey, listApiKeys, revokeApiKey } from '../services/api-keys.ts'

const fields = {
  id: z.string(),
  name: z.string(),
  hint: z.string().meta({ description: 'The first characters of the key' }),
  scopes: z.array(z.enum(SCOPES)),
  created_at: instantOut,
  expires_at: instantOut.nullable(),
  last_used_at: instantOut.nullable().meta({ description: 'Within an hour' }),
}

const ApiKeyOut = z.object(fields).meta({ id: 'ApiKey' })
const NewApiKeyOut = z
  .object({ ...fields, key: z.string().nullable().meta({ description: 'The key itself; told this once, null in a replay' }) })
  .meta({ id: 'NewApiKey' })

const apiKeyOut = (key: ApiKey): z.input<typeof ApiKeyOut> => ({
  id: key.id,
  name: key.name,
  hint: key.hint,
  scopes: [...key.scopes],
  created_at: instant(key.createdAt),
  expires_at: instantOrNull(key.expiresAt),
  last_used_at: instantOrNull(key.lastUsedAt),
})

const EXAMPLE = {
  id: 'key_01jd3k5m7n9pqrstvwxyz01237',
  name: 'Accounting export',
  hint: 'qk_3fJ8d',
  scopes: ['groups:read', 'expenses:read'],
  created_at: '2026-11-20T10:30:00.000Z',
  expires_at: '2027-11-20T00:00:00.000Z',
  last_used_at: null,
}

export const apiKeys: readonly Operation[] = [
  operation({
    id: 'createApiKey',
    on: 'POST /api/api-keys/',
    summary: 'Make an API key',
    description:
      'The key is told once; only its digest is kept. Send it as Authorization: Bearer or as X-API-Key, never in a URL. It may do what its scopes name and ends when it expires, is revoked, or the password is reset.',
    tag: 'API keys',
    access: user(),
    limit: 'write',
    body: z.strictObject({
      name: line(100, 1).meta({ example: 'Accounting export' }),
      scopes: z
        .array(z.enum(SCOPES))
        .min(1)
        .max(SCOPES.length)
        .refine((scopes) => new Set(scopes).size === scopes.length, 'Must not name a scope twice'),
      expires_at: z.iso
        .datetime({ offset: true })
        .transform((text) => Date.parse(text))
        .optional()
        .meta({ description: 'Never, where absent', example: '2027-11-20T00:00:00Z' }),
    }),
    reply: data(201, NewApiKeyOut),
    fails: [],
    example: {
      body: { name: 'Accounting export', scopes: ['groups:read', 'expenses:read'], expires_at: '2027-11-20T00:00:00Z' },
      reply: { ...EXAMPLE, key: 'qk_3fJ8dkL2mN5pQ7rS9tV1wX4yZ6aB8cD0eF2gH4iJ6kM' },
    },
    run: async (ctx, { body }) => {
      const made = await createApiKey(ctx, { name: body.name, scopes: body.scopes, expiresAt: body.expires_at })
      return { ...apiKeyOut(made), key: made.key }
    },
  }),
  operation({
    id: 'listApiKeys',
    on: 'GET /api/api-keys/',
    summary: 'List API keys',
    description: 'The keys that were not revoked, the newest first. The key itself is not among what is known of it.',
    tag: 'API keys',
    access: user(),
    limit: 'read',
    query: z.strictObject(pageFields),
    reply: list(ApiKeyOut),
    fails: [],
    example: { reply: [EXAMPLE] },
    run: async (ctx, { query }) => mapPage(await listApiKeys(ctx, pageRequest(query)), apiKeyOut),
  }),
  operation({
    id: 'revokeApiKey',
    on: 'DELETE /api/api-keys/{key_id}/',
    summary: 'Revoke an API key',
    description: 'The key is refused at once where it was revoked, and everywhere within 10 seconds.',
    tag: 'API keys',
    access: user(),
    limit: 'write',
    path: z.object({ key_id: id('apiKey') }),
    reply: nothing,
    fails: ['api_key.not_found'],
    example: {},
    run: (ctx, { path }) => revokeApiKey(ctx, path.key_id),
  }),
]
