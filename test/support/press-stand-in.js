// Stands in for the Worker that draws documents (src/press) behind its binding: the real one loads fonts for a second in
// each run. What it answers begins like a PDF, an SVG or a PNG, and goes on with what it was asked to draw, as JSON, so
// that a test can look into it; the real one has a test of its own.
import { WorkerEntrypoint } from 'cloudflare:workers'

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

export default class extends WorkerEntrypoint {
  pdf(document, appendix = []) {
    const files = appendix.map(({ name, type, caption, bytes }) => ({ name, type, caption, bytes: bytes.length }))
    return new Response(`%PDF-1.7\n${JSON.stringify({ document, appendix: files })}\n%%EOF\n`).body
  }

  chart(chart, type, size) {
    const drawn = JSON.stringify({ chart, size })
    if (type === 'svg') return new TextEncoder().encode(`<svg xmlns="http://www.w3.org/2000/svg"><!-- ${drawn} --></svg>`)
    return Uint8Array.of(...PNG, ...new TextEncoder().encode(drawn))
  }
}
