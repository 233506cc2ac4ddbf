// Stands between Specmatic and the server, and makes requests harmless that would otherwise use up what they are
// about: a change of a group becomes a dry run, and another deletion is repeated under one key.
import { createServer, request as ask } from 'node:http'

/** The operations that change groups, and the other deletions, each with a pattern of its path. */
function rulesOf(document, run) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, operation]) => {
      const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]*').replace(/\/$/, '/?')}$`)
      const isDryRun = operation.parameters.some(({ $ref }) => $ref?.endsWith('/dry_run'))
      if (!isDryRun && method !== 'delete') return []
      return [{ method: method.toUpperCase(), pattern, isDryRun, key: `${operation.operationId}.${run}` }]
    }),
  )
}

/** Starts on a free port. */
export async function proxyTo(origin, document, run) {
  const rules = rulesOf(document, run)
  const server = createServer((request, response) => {
    const url = new URL(request.url, origin)
    const rule = rules.find(({ method, pattern }) => method === request.method && pattern.test(url.pathname))
    if (rule?.isDryRun === true) url.search += `${url.search === '' ? '?' : '&'}dry_run=true`
    const key = rule?.isDryRun === false ? { 'idempotency-key': rule.key } : {}
    const { host: _, ...headers } = request.headers
    const forwarded = ask(url, { method: request.method, headers: { ...headers, ...key } }, (reply) => {
      response.writeHead(reply.statusCode, reply.headers)
      reply.pipe(response)
    })
    forwarded.on('error', (error) => response.writeHead(502).end(String(error)))
    request.pipe(forwarded)
  })
  await new Promise((ready) => server.listen(0, 'localhost', ready))
  return { port: server.address().port, close: () => server.close() }
}
