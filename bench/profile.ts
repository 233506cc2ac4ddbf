// Where an operation's time goes: a CPU profile of every isolate that takes part in it, taken through
// workerd's inspector, and the functions that spend the most themselves.
interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly children?: readonly number[]
}

export interface Profile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

interface Target {
  readonly id: string
  readonly webSocketDebuggerUrl: string
}

/** A connection to the inspector of one isolate. */
class Inspector {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, (result: unknown) => void>()
  #last = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result: unknown }
      if (id !== undefined) this.#waiting.get(id)?.(result)
    })
  }

  static async open(url: string): Promise<Inspector> {
    const socket = new WebSocket(url)
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve)
      socket.addEventListener('error', reject)
    })
    return new Inspector(socket)
  }

  ask(method: string, params: Record<string, unknown> = {}): Promise<unknown> {
    const id = ++this.#last
    this.#socket.send(JSON.stringify({ id, method, params }))
    return new Promise((resolve) => this.#waiting.set(id, resolve))
  }

  close(): void {
    this.#socket.close()
  }
}

/** Profiles every isolate while the work is done; those that did nothing are left out. */
export async function profiled(inspector: URL, work: () => Promise<unknown>): Promise<Map<string, Profile>> {
  const targets = (await (await fetch(`http://${inspector.host}/json`)).json()) as Target[]
  const isolates = await Promise.all(
    targets.map(async ({ id, webSocketDebuggerUrl }) => ({ id, inspector: await Inspector.open(webSocketDebuggerUrl) })),
  )
  for (const isolate of isolates) {
    await isolate.inspector.ask('Profiler.enable')
    await isolate.inspector.ask('Profiler.setSamplingInterval', { interval: 200 })
    await isolate.inspector.ask('Profiler.start')
  }
  await work()
  const profiles = new Map<string, Profile>()
  for (const { id, inspector: one } of isolates) {
    const { profile } = (await one.ask('Profiler.stop')) as { profile: Profile }
    one.close()
    if (busyMs(profile) > 1) profiles.set(id, profile)
  }
  return profiles
}

const IDLE: ReadonlySet<string> = new Set(['(idle)', '(program)', '(root)'])

const nameOf = ({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string =>
  functionName.startsWith('(') ? functionName : `${functionName || '(anonymous)'} ${url.split('/').pop() ?? ''}:${lineNumber + 1}`

/** Milliseconds that each function spent itself, and with what it called. */
function spentIn(profile: Profile): { name: string; selfMs: number; totalMs: number }[] {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)))
  const spent = new Map<string, { selfMs: number; totalMs: number }>()
  for (const [i, sample] of profile.samples.entries()) {
    const ms = (profile.timeDeltas[i] ?? 0) / 1000
    const seen = new Set<string>()
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      const node = nodes.get(id)
      if (node === undefined) break
      const name = nameOf(node)
      const entry = spent.get(name) ?? { selfMs: 0, totalMs: 0 }
      spent.set(name, entry)
      if (id === sample) entry.selfMs += ms
      if (!seen.has(name)) entry.totalMs += ms
      seen.add(name)
    }
  }
  return [...spent].map(([name, times]) => ({ name, ...times })).toSorted((a, b) => b.selfMs - a.selfMs)
}

const busyMs = (profile: Profile): number => spentIn(profile).reduce((total, { name, selfMs }) => total + (IDLE.has(name) ? 0 : selfMs), 0)

/** A few lines for each isolate: what it spent per request, in microseconds. */
export function profileLines(profiles: ReadonlyMap<string, Profile>, requests: number, most = 25): string[] {
  const us = (ms: number): string => ((ms * 1000) / requests).toFixed(1).padStart(8)
  return [...profiles].flatMap(([isolate, profile]) => [
    `${isolate}: ${us(busyMs(profile)).trim()} us of JavaScript per request (self, total)`,
    ...spentIn(profile)
      .slice(0, most)
      .map(({ name, selfMs, totalMs }) => `${us(selfMs)}${us(totalMs)}  ${name}`),
  ])
}
