// Examples of imports, as the reference shows them.
import { EXAMPLE_IDS } from './examples.ts'

export const EXAMPLE_IMPORT = {
  id: 'imp_01jd3k5m7n9pqrstvwxyz01251',
  status: 'imported',
  file_name: 'flat_2026-11-20_export.csv',
  file_size: 4210,
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  group_id: EXAMPLE_IDS.group,
  is_new_group: true,
  job_id: 'job_01jd3k5m7n9pqrstvwxyz01252',
  progress: 100,
  error: null,
  result: { expenses: 41, settlements: 3, skipped: 1, refused: 0, refusals: [], undone: null },
  created_at: '2026-11-20T10:30:00.000Z',
  updated_at: '2026-11-20T10:31:00.000Z',
}

export const EXAMPLE_IMPORT_LINE = {
  number: 1,
  row: 3,
  state: 'new',
  is_taken: true,
  duplicate_of: null,
  kind: 'expense',
  date: '2026-01-02',
  title: 'Dinner',
  amount: '90.01',
  currency: 'EUR',
  category: 'Dining out',
  notes: null,
  paid: [{ person: 'Ann', amount: '90.01' }],
  borne: [
    { person: 'Ann', amount: '30.01' },
    { person: 'Bob', amount: '60.00' },
  ],
  raw: { Date: '2026-01-02', Description: 'Dinner', Category: 'Dining out', Cost: '90.01', Currency: 'EUR', Ann: '60.00', Bob: '-60.00' },
}

export const EXAMPLE_IMPORT_PREVIEW = {
  ...EXAMPLE_IMPORT,
  status: 'staged',
  group_id: null,
  job_id: null,
  progress: 0,
  result: null,
  preview: {
    source: 'splitwise',
    parts: null,
    group: { name: 'flat_2026-11-20_export', currency: 'EUR', keeps: 'converted' },
    people: [
      { ref: 'Ann', name: 'Ann', email: null, member: 'me', new_name: null, matched_by: 'name', is_needed: true },
      { ref: 'Bob', name: 'Bob', email: null, member: null, new_name: 'Bob', matched_by: 'new', is_needed: true },
    ],
    lines: { total: 45, taken: 44, new: 44, known: 0, duplicate: 0, excluded: 1, void: 0 },
    totals: [{ currency: 'EUR', lines: 45, expenses: '1840.20', income: '0.00', payments: '120.00' }],
    checks: [{ person: 'Ann', row: 48, currency: 'EUR', expected: '324.00', got: '324.00', difference: '0.00', is_met: true }],
    faults: [],
    is_ready: true,
    table: null,
  },
}
