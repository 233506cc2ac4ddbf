// A document as a PDF file. The same document gives the same bytes: its date comes with it, and nothing is drawn by lot.
import { PDFDocument, PDFName, PDFString } from '@cantoo/pdf-lib'
import type { Attachment, Document } from '../../domain/document.ts'
import { localeOf } from '../format.ts'
import { PAGE } from '../page/flow.ts'
import { furniture, pagesOf } from '../page/pages.ts'
import { prepareKit } from '../prepare-kit.ts'
import type { Shelf } from '../text/shelf.ts'
import { addAppendix } from './attachments.ts'
import { Painter } from './painter.ts'

function describe(pdf: PDFDocument, document: Document): void {
  const author = document.author ?? 'Quits'
  pdf.setTitle(document.title, { showInWindowTitleBar: true })
  pdf.setAuthor(author)
  pdf.setCreator(author)
  pdf.setProducer('Quits')
  if (document.subtitle !== undefined) pdf.setSubject(document.subtitle)
  if (document.madeAt !== undefined) {
    pdf.setCreationDate(new Date(document.madeAt))
    pdf.setModificationDate(new Date(document.madeAt))
  }
  pdf.catalog.set(PDFName.of('Lang'), PDFString.of(localeOf(document.locale)))
}

/** The file. Attachments become pages at its end. */
export async function writePdf(shelf: Shelf, document: Document, files: readonly Attachment[] = []): Promise<Uint8Array> {
  const names = files.map(({ name, caption }) => [name, caption])
  const kit = await prepareKit(shelf, [document, names], document.locale, document.words)
  const pdf = await PDFDocument.create({ updateMetadata: false })
  describe(pdf, document)
  const painter = new Painter(pdf, kit.compositor)
  const pages = pagesOf(kit, document)
  const own = pages.map((shapes) => ({ page: pdf.addPage([PAGE.width, PAGE.height]), shapes }))
  const all = [...own, ...(await addAppendix(kit, pdf, files))]
  for (const [i, { page, shapes }] of all.entries()) painter.paint(page, [...shapes, ...furniture(kit, document, i + 1, all.length)])
  painter.finish()
  return pdf.save({ useObjectStreams: true, updateFieldAppearances: false })
}
