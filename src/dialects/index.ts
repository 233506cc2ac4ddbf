// Every dialect that is spoken, in the order of the docs.
import { basic } from './basic/index.ts'
import type { Dialect } from './dialect.ts'

export const DIALECTS: readonly Dialect[] = [basic]
