// `npm run test:crash`: kills the server while people write, and looks at what is left.
import { prepare, run } from './prepare.mjs'

prepare()
run('node', ['--disable-warning=ExperimentalWarning', 'test/crash/run.ts', ...process.argv.slice(2)])
