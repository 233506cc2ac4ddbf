// Imports: a file is sent, looked at, committed, and can be taken back as a whole.
import { z } from 'zod'
import { LINE_STATES } from '../domain/import/preview.ts'
import { mapPage } from '../domain/page.ts'
import { id } from '../http/fields.ts'
import { data, list, nothing, operation, user } from '../http/operation.ts'
import { pageFields, pageRequest } from '../http/pages.ts'
import {
  commitImport,
  deleteImport,
  getImport,
  IMPORT_MAX_BYTES,
  isReady,
  listImportLines,
  listImports,
  stageImport,
  undoImport,
  updateImport,
  type Previewed,
  type TargetChoice,
} from '../services/imports.ts'
import { EXAMPLE_IDS } from './examples.ts'
import { EXAMPLE_IMPORT, EXAMPLE_IMPORT_LINE, EXAMPLE_IMPORT_PREVIEW } from './examples-imports.ts'
import { ImportOut, importOut, ImportSettingsIn, LineOut, lineOut, PreviewedOut, previewedOut, settingsOf } from './import-shapes.ts'

const tag = 'Imports'
const path = z.object({ import_id: id('import') })
const write = user('expenses:write')
const read = user('expenses:read')
const TYPES = ['application/json', 'application/zip', 'text/csv', 'application/x-ofx', 'application/x-qif', 'application/octet-stream']
const target = z
  .string()
  .regex(/^(personal|new|grp_[0-7][0-9a-hjkmnp-tv-z]{25})$/, 'Must be personal, new, or an id that begins with grp_')
  .transform((text) => text as TargetChoice)
  .optional()
  .meta({
    description: 'A group, your personal one, or a new one. Where absent, a group’s history makes a new group, and a bank’s is your own.',
    example: 'new',
  })
const groupFails = ['group.not_found', 'group.forbidden'] as const
const fails = ['import.not_found', 'import.state', ...groupFails, 'request.key_reused', 'service.busy'] as const

const shown = ({ one, preview }: Partial<Previewed> & Pick<Previewed, 'one'>) =>
  previewedOut(one, preview, preview !== undefined && isReady(preview))

export const imports = [
  operation({
    id: 'stageImport',
    on: 'POST /api/imports/',
    summary: 'Send a file to be imported',
    description:
      'Keeps a file of at most 10 MB and 20,000 lines and tells what would come of it; nothing is in a group until it is committed. Taken are a Quits JSON document, alone or in the ZIP of an export with its files (of an export of everything one group, which part names), Splitwise’s CSV in any language, other CSV by its columns, OFX and QIF, told by their content. Each net of a Splitwise file is held against the file’s own totals. Lines that an import has brought into the group before are known, twins told apart by their number, so that a file sent again adds nothing.',
    tag,
    access: write,
    limit: 'write',
    query: z.strictObject({ group_id: target }),
    upload: { field: 'file', types: TYPES, maxBytes: IMPORT_MAX_BYTES },
    reply: data(201, PreviewedOut),
    fails: ['import.unreadable', 'import.too_many', ...groupFails, 'request.too_large', 'request.media_type', 'request.key_reused'],
    example: { reply: EXAMPLE_IMPORT_PREVIEW },
    run: async (ctx, { query, file }) =>
      shown(await stageImport(ctx, file, { settings: {}, ...(query.group_id !== undefined && { target: query.group_id }) })),
  }),
  operation({
    id: 'listImports',
    on: 'GET /api/imports/',
    summary: 'List imports',
    description: 'Your imports of the last 90 days, the newest first. After that a file is forgotten, and what came of it stays.',
    tag,
    access: read,
    limit: 'read',
    query: z.strictObject(pageFields),
    reply: list(ImportOut),
    fails: [],
    example: { reply: [EXAMPLE_IMPORT] },
    run: async (ctx, { query }) => mapPage(await listImports(ctx, pageRequest(query)), importOut),
  }),
  operation({
    id: 'getImport',
    on: 'GET /api/imports/{import_id}/',
    summary: 'Get an import',
    description: 'How far it is, what came of it, and until it is committed what would come of it, held against the group as it is now.',
    tag,
    access: read,
    limit: 'read',
    path,
    reply: data(200, PreviewedOut),
    fails: ['import.not_found', 'import.state', ...groupFails],
    example: { reply: EXAMPLE_IMPORT_PREVIEW },
    run: async (ctx, { path: p }) => shown(await getImport(ctx, p.import_id)),
  }),
  operation({
    id: 'listImportLines',
    on: 'GET /api/imports/{import_id}/lines/',
    summary: 'List the lines of an import',
    description:
      'Each line of the file, as it was read and as it stands there, and what becomes of it: new; known from an import before; duplicate of an expense of that day, kind and amount, each of which stands for one line; excluded; void, which came to nothing where it comes from and goes into a new group only.',
    tag,
    access: read,
    limit: 'read',
    path,
    query: z.strictObject({ ...pageFields, state: z.enum(LINE_STATES).optional() }),
    reply: list(LineOut),
    fails: ['import.not_found', 'import.state', ...groupFails],
    example: { reply: [EXAMPLE_IMPORT_LINE] },
    run: async (ctx, { path: p, query }) => mapPage(await listImportLines(ctx, p.import_id, query.state, pageRequest(query)), lineOut),
  }),
  operation({
    id: 'updateImport',
    on: 'PATCH /api/imports/{import_id}/',
    summary: 'Say how a file is to be read',
    description:
      'Who its people are in the group, which column of a table is what, how dates and figures are written, what becomes of duplicates, which lines are left out, and where it goes. What is not said stays as it was; answers what would come of it now.',
    tag,
    access: write,
    limit: 'write',
    path,
    body: z.strictObject({ ...ImportSettingsIn.shape, group_id: target }).meta({ id: 'UpdateImport' }),
    reply: data(200, PreviewedOut),
    fails: ['request.invalid', ...fails],
    example: { body: { people: { Bob: { member: EXAMPLE_IDS.users[1] } }, exclude: [3] }, reply: EXAMPLE_IMPORT_PREVIEW },
    run: async (ctx, { path: p, body: { group_id: goesTo, ...said } }) =>
      shown(await updateImport(ctx, p.import_id, { settings: settingsOf(said), ...(goesTo !== undefined && { target: goesTo }) })),
  }),
  operation({
    id: 'commitImport',
    on: 'POST /api/imports/{import_id}/commit/',
    summary: 'Commit an import',
    description:
      'Has every line that is taken written into the group by a job: people who are not in it become guests, shares stay as they were to the cent, and nobody is told of each. While the preview has errors or a total that is not met it is refused, unless accept_faults says that the rest is wanted. A line that the group refuses is told in the result, and can be imported again. Follow it by getImport, or by job_update on the socket.',
    tag,
    access: write,
    limit: 'write',
    path,
    body: z.strictObject({ accept_faults: z.boolean().default(false) }).meta({ id: 'CommitImport' }),
    reply: data(202, ImportOut),
    fails: ['import.faulty', 'group.archived', ...fails],
    example: { body: { accept_faults: false }, reply: { ...EXAMPLE_IMPORT, status: 'importing', progress: 0, result: null } },
    run: async (ctx, { path: p, body }) => importOut(await commitImport(ctx, p.import_id, body.accept_faults)),
  }),
  operation({
    id: 'undoImport',
    on: 'POST /api/imports/{import_id}/undo/',
    summary: 'Undo an import',
    description:
      'Has everything that the import brought taken back by a job, also what was changed since: expenses are deleted, and can be restored one by one; payments are withdrawn; guests who came with it and have nothing open leave; a group that was made for it, in which nobody has spent or owes anything, is archived. What the group refuses to let go stays, is counted as kept, and can be asked for again.',
    tag,
    access: write,
    limit: 'write',
    path,
    reply: data(202, ImportOut),
    fails,
    example: { reply: { ...EXAMPLE_IMPORT, status: 'undoing', progress: 0 } },
    run: async (ctx, { path: p }) => importOut(await undoImport(ctx, p.import_id)),
  }),
  operation({
    id: 'deleteImport',
    on: 'DELETE /api/imports/{import_id}/',
    summary: 'Forget a file',
    description: 'Deletes a file that was not committed.',
    tag,
    access: write,
    limit: 'write',
    path,
    reply: nothing,
    fails: ['import.not_found', 'import.state', 'request.key_reused', 'service.busy'],
    example: {},
    run: (ctx, { path: p }) => deleteImport(ctx, p.import_id),
  }),
]
