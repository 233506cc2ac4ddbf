// `npm run bench`: what operations cost the database, and how fast they are beside floors of the same run.
import { prepare, run } from './prepare.mjs'

prepare()
run('node', ['bench/run.ts', ...process.argv.slice(2)])
