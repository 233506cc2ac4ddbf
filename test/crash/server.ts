// The server as anybody starts it, `npm start`, in a process group of its own that can be killed as a whole.
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')
const READY_WITHIN_MS = 90_000

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export class Server {
  readonly origin: string
  readonly #port: number
  readonly #state: string
  #process: ChildProcess | undefined
  starts = 0

  constructor(port: number, state: string) {
    this.#port = port
    this.#state = state
    this.origin = `http://localhost:${port}`
  }

  async start(): Promise<void> {
    this.starts++
    const said: string[] = []
    const started = spawn('npm', ['start'], {
      cwd: ROOT,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PORT: String(this.#port), QUITS_STATE: this.#state, DEMO: '0', RATE_LIMIT_SCALE: '1000000' },
    })
    this.#process = started
    for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk.toString()))
    const deadline = Date.now() + READY_WITHIN_MS
    while (Date.now() < deadline && started.exitCode === null && started.signalCode === null) {
      const reply = await fetch(`${this.origin}/api/health/`).catch(() => undefined)
      if (reply?.ok === true) return
      await sleep(100)
    }
    throw new Error(`the server did not come up:\n${said.join('')}`)
  }

  /** Kills the process group, as a power cut would. */
  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  /** Ends it as Ctrl-C does. */
  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const running = this.#process
    if (running?.pid === undefined || running.exitCode !== null || running.signalCode !== null) return
    const exited = new Promise((resolve) => running.once('exit', resolve))
    process.kill(-running.pid, signal)
    await exited
    while ((await fetch(`${this.origin}/api/health/`).catch(() => undefined)) !== undefined) await sleep(50)
  }

  /** Rings the cron that rings each minute on a deployment. */
  async tick(): Promise<void> {
    await fetch(`${this.origin}/cdn-cgi/local/scheduled?cron=*+*+*+*+*`).catch(() => {})
  }
}
