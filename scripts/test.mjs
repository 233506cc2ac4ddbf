// `npm test`: everything, on a machine that has only Node 20 and npm. Arguments go to the test runner.
import { prepare, run } from './prepare.mjs'

prepare()
run('vitest', ['run', ...process.argv.slice(2)])
