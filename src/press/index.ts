// The press: a Worker of its own, because fonts and the making of a PDF take memory that the API must not share. It
// draws documents (src/domain/document.ts) and knows nothing of what they are about. Reached through a service binding only.
import { WorkerEntrypoint } from 'cloudflare:workers'
import webpDecoder from '@jsquash/webp/codec/dec/webp_dec.wasm'
import type { Attachment, Chart, Document } from '../domain/document.ts'
import type { PictureSize } from '../platform/documents/press.ts'
import { useCodecs } from '../pictures/codecs.ts'
import { oneAtATime } from '../platform/turnstile.ts'
import { chartSvg } from './chart-picture.ts'
import { writePdf } from './pdf/write-pdf.ts'
import { pngOf } from './png.ts'
import { Shelf } from './text/shelf.ts'

interface Bindings {
  readonly FONTS: Fetcher
}

useCodecs({ webpDecoder })

/** Fonts stay loaded as long as the isolate lives. */
let shelf: Shelf | undefined

function shelfOf(assets: Fetcher): Shelf {
  return (shelf ??= new Shelf(async (file) => {
    const reply = await assets.fetch(`https://fonts.invalid/${file}`)
    if (!reply.ok) throw new Error(`${file}: ${reply.status}`)
    return new Uint8Array(await reply.arrayBuffer())
  }))
}

export default class Press extends WorkerEntrypoint<Bindings> {
  /** The document as PDF, A4. Attachments become pages at its end; together they have at most `MAX_APPENDIX_BYTES`. */
  async pdf(document: Document, appendix: readonly Attachment[] = []): Promise<ReadableStream<Uint8Array>> {
    const bytes = await oneAtATime(() => writePdf(shelfOf(this.env.FONTS), document, appendix))
    // As a stream: a return value may have 32 MiB at most.
    return new Response(bytes as Uint8Array<ArrayBuffer>).body ?? new ReadableStream()
  }

  /** One chart as a picture, 80 to 4000 pixels wide and high. */
  chart(chart: Chart, type: 'svg' | 'png', size: PictureSize): Promise<Uint8Array> {
    return oneAtATime(async () => {
      const svg = await chartSvg(shelfOf(this.env.FONTS), chart, size, type === 'png')
      return type === 'svg' ? new TextEncoder().encode(svg) : pngOf(svg)
    })
  }
}
