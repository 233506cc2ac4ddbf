// The API reference: the OpenAPI document, and a page that shows it. All that the page loads comes from here,
// so its policy allows no foreign and no inline script.
import { createHash } from 'node:crypto'
import { Hono } from 'hono'
import { apiInfo } from './openapi-info.ts'
import { openApiOf } from './openapi.ts'
import { sendPlain, type HttpEnv } from './exchange.ts'
import type { Operation } from './operation.ts'
import type { Env } from '../env.ts'

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'] as const
const [FOR_AN_HOUR, ASK_AGAIN] = ['public, max-age=3600', 'public, max-age=0, must-revalidate']

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Quits API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" type="image/png" sizes="32x32" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="docs"></div>
<noscript>This page needs JavaScript. The same is in <a href="/openapi.json">/openapi.json</a>.</noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/init.js"></script>
</body>
</html>
`

const INIT = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  filter: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  validatorUrl: null,
})
`

const page = (body: BodyInit, type: string, cache: string): Response =>
  new Response(body, { headers: { 'Content-Type': type, 'Cache-Control': cache, 'Content-Security-Policy': POLICY } })

/** A document with the digest of its text, by which a client asks whether it has changed. */
interface Tagged {
  readonly text: string
  readonly etag: string
}

const tagged = (document: object): Tagged => {
  const text = JSON.stringify(document)
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` }
}

/** Serves a document at the path. It is made at the first request and kept. */
export function serveDocument(app: Hono<HttpEnv>, path: string, make: (env: Env, url: URL) => object): void {
  let document: Tagged | undefined
  app.get(path, (c) => {
    document ??= tagged(make(c.env, new URL(c.req.url)))
    const isKnown = c.req.header('if-none-match')?.includes(document.etag) === true
    const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': ASK_AGAIN, ETag: document.etag }
    return sendPlain(c, isKnown ? new Response(null, { status: 304, headers }) : new Response(document.text, { headers }))
  })
}

/** Serves `/docs` and `/openapi.json`. */
export function docs(operations: readonly Operation[]): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>()
  serveDocument(app, '/openapi.json', (env) => openApiOf(operations, apiInfo(env)))

  for (const path of ['/docs', '/docs/']) app.get(path, (c) => sendPlain(c, page(PAGE, 'text/html; charset=utf-8', ASK_AGAIN)))
  app.get('/docs/init.js', (c) => sendPlain(c, page(INIT, 'text/javascript; charset=utf-8', ASK_AGAIN)))
  for (const name of ASSETS) {
    app.get(`/docs/${name}`, async (c) => {
      const asset = await c.env.DOCS_ASSETS.fetch(new Request(`https://assets.invalid/${name}`))
      return sendPlain(c, page(asset.body ?? '', asset.headers.get('content-type') ?? 'application/octet-stream', FOR_AN_HOUR))
    })
  }
  return app
}
