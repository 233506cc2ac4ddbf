// The OpenAPI document of a dialect: the paths as its own document has them, below the server of its prefix.
// Headers, limits and `Idempotency-Key` are those of the native surface: the requests take the same steps.
import { openApiOf, type ApiInfo } from '../http/openapi.ts'
import { surfaceOf, type Dialect } from './dialect.ts'

const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The token that signing in answers. Those of the native surface are good here too. Tokens follow RFC8725.',
  },
}

export function documentOf(dialect: Dialect, native: ApiInfo): object {
  const { title, description, tags, prefix, rows, failure } = dialect
  const servers = native.servers.map((server) => ({ ...server, url: `${String(server['url']).replace(/\/$/, '')}${prefix}` }))
  const info = { ...native, title, summary: `${title}, spoken by Quits.`, description, tags, servers }
  return openApiOf(rows, info, { surface: surfaceOf(dialect), error: failure.schema, securitySchemes })
}
