// The receipts and claims that the examples in the API reference are about.
import { EXAMPLE_IDS } from './examples.ts'

const URL =
  'https://quits.example/api/files/receipts/0b0c7c5e-6f0e-4d0b-9a43-2f1f0c9f6a11?expires=1795258800&signature=n2zPq8JjW6v3kq1w0m4b9yT5r7x2c8d1e6f3g0h5i4k'

const FILE = {
  id: 'att_01hm4z9v8zf1a2b3c4d5e6f7g8',
  name: 'receipt.jpg',
  type: 'image/jpeg',
  size: 183_204,
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  url: URL,
  thumbnail_url: URL.replace('/receipts/', '/thumbnails/'),
}
const RECEIPT = 'rec_01hm4z9v90f1a2b3c4d5e6f7g8'

export const EXAMPLE_ATTACHMENT = { ...FILE, receipt_id: RECEIPT }

export const EXAMPLE_OCR = {
  ocr_status: 'completed',
  ocr_data: {
    vendor: "Luigi's Restaurant",
    date: '2024-01-14',
    time: '21:14',
    currency: 'USD',
    subtotal: '232.00',
    tax: '18.00',
    tip: null,
    discount: null,
    rounding: null,
    total: '250.00',
    payment_method: 'card',
    items: [
      { name: 'Pizza Margherita', price: '18.00', quantity: '1', unit_price: '18.00', confidence: 0.97 },
      { name: 'Menu for four', price: '214.00', quantity: '1', unit_price: null, confidence: 0.94 },
    ],
    confidence: { vendor: 0.9, date: 0.98, time: 0.9, currency: 0.8, subtotal: 0.99, tax: 0.99, total: 0.99, payment_method: 0.8 },
    is_proved: true,
    checks: [{ kind: 'subtotal_tax_total', holds: true, expected: '250.00', got: '250.00', difference: '0.00' }],
  },
  ocr_error: null,
}

export const EXAMPLE_RECEIPT = {
  id: RECEIPT,
  group_id: EXAMPLE_IDS.group,
  expense_id: null,
  file: FILE,
  ...EXAMPLE_OCR,
  engine: 'paddle',
  created_at: '2024-01-14T21:30:00.000Z',
  updated_at: '2024-01-14T21:30:03.000Z',
  version: 18,
}

const JOHN = { member_id: EXAMPLE_IDS.member, name: 'John Doe' }
const ANNA = { member_id: 'mem_01hm4z9v91fr8s7t6v5w4x3y2z', name: 'Anna' }

export const EXAMPLE_CLAIMS = {
  expense_id: EXAMPLE_IDS.expense,
  title: 'Dinner at Italian Restaurant',
  vendor: "Luigi's Restaurant",
  expense_date: '2024-01-14',
  currency: 'USD',
  amount: '250.00',
  tax: '18.00',
  tip: '0.00',
  discount: '0.00',
  is_open: true,
  bearer: JOHN,
  lines: [
    {
      line: 0,
      name: 'Pizza Margherita',
      amount: '18.00',
      quantity: '1',
      claims: [{ ...ANNA, portion: '1/2', amount: '9.00' }],
      left: '1/2',
    },
    { line: 1, name: 'Menu for four', amount: '214.00', quantity: '1', claims: [], left: '1' },
  ],
  shares: [
    { ...JOHN, amount: '240.30' },
    { ...ANNA, amount: '9.70' },
  ],
  version: 19,
}

const TOKEN = '5nVd1b2uZQe0Vt6yJm3oXqW8rLk4cHs7aGf9pTiEzBo'

export const EXAMPLE_CLAIM_LINK = {
  id: 'clk_01hm4z9v92f1a2b3c4d5e6f7g8',
  expense_id: EXAMPLE_IDS.expense,
  token: TOKEN,
  url: `https://quits.example/api/claims/${TOKEN}/`,
  created_at: '2024-01-14T21:31:00.000Z',
  expires_at: '2024-02-13T21:31:00.000Z',
}

export const EXAMPLE_GUEST = { ...ANNA, guest_token: `${ANNA.member_id}.w0m4b9yT5r7x2c8d1e6f3g0h5i4kn2zPq8JjW6v3kq1` }
