// The API reference: the OpenAPI document, and a page that shows it. All that the page loads comes from here,
// so its policy allows no foreign and no inline script.
import { createHash } from 'node:crypto'
import { Hono } from 'hono'
import { sendPlain, type HttpEnv } from './exchange.ts'
import type { Env } from '../env.ts'

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'] as const
const [FOR_AN_HOUR, ASK_AGAIN] = ['public, max-age=3600', 'public, max-age=0, must-revalidate']

/** Another document that the page leads to. */
interface Elsewhere {
  readonly title: string
  readonly path: string
}

/** The page of the document below the base. What it loads is the same for all, but every surface's host has a copy. */
const pageOf = (title: string, base: string, others: readonly Elsewhere[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="${base}/docs/swagger-ui.css">
<link rel="icon" type="image/png" sizes="32x32" href="${base}/docs/favicon-32x32.png">
</head>
<body>
${
  others.length === 0
    ? ''
    : `<nav style="padding: 0.5em 2em; font-family: sans-serif">Also: ${others.map((other) => `<a href="${other.path}">${other.title}</a>`).join(' · ')}</nav>
`
}<div id="docs"></div>
<noscript>This page needs JavaScript. The same is in <a href="${base}/openapi.json">${base}/openapi.json</a>.</noscript>
<script src="${base}/docs/swagger-ui-bundle.js"></script>
<script src="${base}/docs/init.js"></script>
</body>
</html>
`

const initOf = (base: string): string => `SwaggerUIBundle({
  url: '${base}/openapi.json',
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

/** One surface's reference: what it is called, below which path it lies, and the document itself. */
interface Reference {
  readonly title: string
  readonly base: string
  readonly make: (env: Env) => object
  readonly others?: readonly Elsewhere[]
}

/** Serves `/docs` and `/openapi.json` below the base. */
export function docs({ title, base, make, others = [] }: Reference): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>()
  serveDocument(app, `${base}/openapi.json`, make)

  app.get(`${base}/docs`, (c) => sendPlain(c, page(pageOf(title, base, others), 'text/html; charset=utf-8', ASK_AGAIN)))
  app.get(`${base}/docs/init.js`, (c) => sendPlain(c, page(initOf(base), 'text/javascript; charset=utf-8', ASK_AGAIN)))
  for (const name of ASSETS) {
    app.get(`${base}/docs/${name}`, async (c) => {
      const asset = await c.env.DOCS_ASSETS.fetch(new Request(`https://assets.invalid/${name}`))
      return sendPlain(c, page(asset.body ?? '', asset.headers.get('content-type') ?? 'application/octet-stream', FOR_AN_HOUR))
    })
  }
  return app
}
