// `npm run check`: format, lint, types, dead code. Seconds, and the same here and in CI.
import { prepare, run } from './prepare.mjs'

prepare()
for (const [tool, ...args] of [['oxfmt', '--check'], ['oxlint', '--type-aware', '--deny-warnings'], ['tsc', '-p', '.'], ['knip']]) {
  console.log(`› ${tool} ${args.join(' ')}`)
  run(tool, args)
}
