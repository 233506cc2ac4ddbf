// Makes a report that somebody asked for, in the form that they asked for.
import type { Attachment, Document } from '../domain/document.ts'
import { MAX_APPENDIX_BYTES } from '../domain/document.ts'
import type { Job, MadeFile, ReportFormat } from '../domain/job.ts'
import { reportDocument, tablesOf } from '../domain/report/report.ts'
import { reportFileName } from '../domain/report/titles.ts'
import { csvOf } from '../platform/documents/csv.ts'
import { sheetsOf } from '../platform/documents/sheet.ts'
import { xlsxOf } from '../platform/documents/xlsx.ts'
import { findFile } from '../platform/files.ts'
import { storeMade, TYPES } from '../services/made-files.ts'
import { gatherReport } from '../services/report-sources.ts'
import { actingAs } from './acting.ts'
import type { JobContext } from './context.ts'
import type { Progress } from './replay.ts'

/** The files of the appendix, as many as fit into one. */
async function appendixOf(at: JobContext, { appendix = [] }: Document): Promise<Attachment[]> {
  const files: Attachment[] = []
  let size = 0
  for (const { key, ...item } of appendix) {
    const found = await findFile(at.env, key)
    if (found === undefined || size + found.size > MAX_APPENDIX_BYTES) continue
    size += found.size
    files.push({ ...item, bytes: new Uint8Array(await new Response(found.body).arrayBuffer()) })
  }
  return files
}

async function drawn(at: JobContext, document: Document, format: ReportFormat): Promise<ReadableStream<Uint8Array>> {
  if (format === 'csv') return csvOf(sheetsOf(tablesOf(document)))
  if (format === 'xlsx') return xlsxOf(sheetsOf(tablesOf(document)))
  if (format === 'json') return new Blob([`${JSON.stringify(document, undefined, 2)}\n`]).stream()
  if (at.env.PRESS === undefined) throw new Error('there is no press: the binding PRESS is not set up')
  return at.env.PRESS.pdf(document, await appendixOf(at, document))
}

const STEPS = 3

export async function makeReport(at: JobContext, { id, userId, input }: Job<'report'>, progress: Progress): Promise<MadeFile> {
  const ctx = await actingAs(at, userId)
  await progress(0, STEPS)
  const sources = await gatherReport(ctx, input)
  await progress(1, STEPS)
  const document = reportDocument(sources, input.options)
  const stream = await drawn(at, document, input.format)
  await progress(2, STEPS)
  const name = reportFileName(input.type, sources.groups, sources.span, input.format)
  return storeMade(at, 'reports', id, { name, type: TYPES[input.format], stream })
}
