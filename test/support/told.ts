// What a client makes of the messages of a socket, as the documentation asks it to, so that a test can compare it
// with the balances.

export interface Message {
  readonly type: string
  readonly seq: number
  readonly group_id: string
  readonly data: any
}

interface Line {
  readonly member_id: string
}

/** What a client knows of one group: the balances, and the last entry of which it saw everything. */
export class LiveLedger {
  seq: number | undefined
  lines: readonly Line[] = []
  /** Entries that were told out of turn: again, or with one left out before them. */
  readonly faults: string[] = []

  hear(message: Message): void {
    const { type, seq, data } = message
    if (type === 'snapshot') {
      this.seq = seq
      this.lines = linesOf(data.balances)
    } else if (type === 'balance_update') {
      const concerned = new Set([...data.removed, ...data.balances.map((line: Line) => line.member_id)])
      this.lines = [...this.lines.filter((line) => !concerned.has(line.member_id)), ...data.balances]
    } else if (type === 'group_activity') {
      if (this.seq !== undefined && seq !== this.seq + 1) this.faults.push(`${seq} after ${this.seq}`)
      this.seq = seq
    }
  }
}

/** The lines of balances as both a socket and the reply of `GET …/balances/` say them. */
export const linesOf = (balances: readonly (Line & { owes?: unknown })[]): Line[] =>
  balances.map((balance) => {
    const { owes: _, ...line } = balance
    return line
  })

const keyOf = (line: object): string => JSON.stringify(line)
/** In an order of their own: that of the list says nothing. */
export const sorted = (lines: readonly object[]): string[] => lines.map(keyOf).sort()
