// Exports: asked for, followed, fetched.
import { z } from 'zod'
import type { Ctx } from '../context.ts'
import { EXPORT_FORMATS, EXPORT_SCOPES } from '../domain/job.ts'
import { id } from '../http/fields.ts'
import { data, operation, user } from '../http/operation.ts'
import { createExport, exportIdOf, getExport, type ExportJob } from '../services/exports.ts'
import { EXAMPLE_IDS } from './examples.ts'
import { DONE, FileFields, fileOut, LINK, SIGNED, UNDER_WAY } from './made-file-shapes.ts'

const ExportOut = z
  .object({
    export_id: z.string(),
    scope: z.enum(EXPORT_SCOPES),
    group_id: z.string().nullable().meta({ description: 'null where the scope is all' }),
    format: z.enum(EXPORT_FORMATS),
    ...FileFields,
  })
  .meta({ id: 'Export' })

const exportOut = (ctx: Ctx, job: ExportJob): z.input<typeof ExportOut> => ({
  export_id: exportIdOf(job.id),
  scope: job.input.groupId === null ? 'all' : 'group',
  group_id: job.input.groupId,
  format: job.input.format,
  ...fileOut(ctx, job),
})

const CreateIn = z
  .strictObject({
    scope: z.enum(EXPORT_SCOPES).default('group').meta({ description: 'One group, or everything of yours' }),
    group_id: id('group').optional().meta({ description: 'Your personal expenses where no group is named; not with all' }),
    format: z.enum(EXPORT_FORMATS).meta({ example: 'zip' }),
  })
  .meta({ id: 'CreateExport' })

const EXPORT = { export_id: 'xpt_01hm4z9v94f1a2b3c4d5e6f7g8', scope: 'group', group_id: EXAMPLE_IDS.group, format: 'zip' }

export const exportRows = [
  operation({
    id: 'createExport',
    on: 'POST /api/exports/',
    summary: 'Export a group, or everything of yours',
    description:
      'Has everything of the group written out, deleted expenses included: csv and xlsx as tables, with text that cannot turn into formulas; json as the lossless document; zip as that with the files and a manifest of their hashes. All of them are written as they are read, whatever the number of expenses; of one day, json and zip take at most 16 million characters, which are some 25,000 expenses, and a zip holds 65,000 files and 4 GB. Your personal expenses where no group is named.\n\nWith the scope all it is every group that you are in, your personal one and archived ones included, and what your account says of you: as tables with the group in each row and the shares as a table of their own; as json one document `{"format": "quits-bundle", "version": 1, "groups": […], "profile": {…}}` with the lossless document of each group; as zip a folder for each group, profile.json, your picture, and one manifest. An API key needs profile:read too.',
    tag: 'Analytics',
    access: user('expenses:read'),
    limit: 'analytics',
    body: CreateIn,
    reply: data(202, ExportOut),
    fails: ['export.scope', 'group.not_found', 'request.key_reused'],
    example: { body: { scope: 'group', group_id: EXAMPLE_IDS.group, format: 'zip' }, reply: { ...EXPORT, ...UNDER_WAY } },
    run: async (ctx, { body: { scope, group_id: groupId, format } }) =>
      exportOut(ctx, await createExport(ctx, { format, scope, ...(groupId && { groupId }) })),
  }),
  operation({
    id: 'getExport',
    on: 'GET /api/exports/{export_id}/',
    summary: 'Get an export',
    description:
      'How far it is, and when it is made a link to it that is good for seven days. Of the scope all, an API key needs profile:read too.',
    tag: 'Analytics',
    access: user('expenses:read'),
    limit: 'read',
    path: z.object({ export_id: id('export') }),
    reply: data(200, ExportOut),
    fails: ['export.not_found'],
    example: {
      reply: {
        ...EXPORT,
        ...DONE,
        download_url: `${LINK}exports/018d09f4-ec7f-8e2a-9a43-2f1f0c9f6a12${SIGNED}`,
        file_name: 'Project Team 2024-01-15.zip',
      },
    },
    run: async (ctx, { path }) => exportOut(ctx, await getExport(ctx, path.export_id)),
  }),
]
