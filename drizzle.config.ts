import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'sqlite',
  schema: [
    './src/db/schema.ts',
    './src/db/outward-schema.ts',
    './src/db/settlement-schema.ts',
    './src/db/payment-schema.ts',
    './src/db/receipt-schema.ts',
    './src/db/rollup-schema.ts',
    './src/db/schedule-schema.ts',
    './src/db/import-schema.ts',
  ],
  out: './migrations',
})
