// Paths of four commands only, absolute: M, L, C, Z. SVG takes them as they are and PDF has one operator for each, so no
// painter has to know about arcs.

const short = (value: number): string => String(Math.round(value * 1000) / 1000)

/** Takes what d3-shape draws on a canvas, and has it as path data afterwards. */
export class PathPen {
  #data = ''
  #last: readonly [number, number] | undefined

  get data(): string {
    return this.#data
  }

  moveTo(x: number, y: number): void {
    this.#add('M', x, y)
  }

  lineTo(x: number, y: number): void {
    this.#add('L', x, y)
  }

  bezierCurveTo(x1: number, y1: number, x2: number, y2: number, x: number, y: number): void {
    this.#add('C', x1, y1, x2, y2, x, y)
  }

  closePath(): void {
    this.#data += 'Z'
  }

  /** An arc of a circle as curves of at most a quarter each, joined to what was drawn before by a line, as a canvas does it. */
  arc(x: number, y: number, radius: number, start: number, end: number, isBackwards = false): void {
    const turn = isBackwards ? -1 : 1
    const whole = Math.min(2 * Math.PI, Math.max(0, (end - start) * turn))
    const pieces = Math.max(1, Math.ceil(whole / (Math.PI / 2) - 1e-9))
    const step = (whole / pieces) * turn
    const handle = (4 / 3) * Math.tan(step / 4) * radius
    const at = (angle: number): [number, number] => [x + radius * Math.cos(angle), y + radius * Math.sin(angle)]
    const first = at(start)
    if (this.#last === undefined) this.moveTo(...first)
    else if (Math.hypot(this.#last[0] - first[0], this.#last[1] - first[1]) > 1e-6) this.lineTo(...first)
    for (let i = 0; i < pieces; i++) {
      const [from, to] = [start + i * step, start + (i + 1) * step]
      const [[x0, y0], [x3, y3]] = [at(from), at(to)]
      this.bezierCurveTo(
        x0 - handle * Math.sin(from),
        y0 + handle * Math.cos(from),
        x3 + handle * Math.sin(to),
        y3 - handle * Math.cos(to),
        x3,
        y3,
      )
    }
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.moveTo(x, y)
    this.lineTo(x + width, y)
    this.lineTo(x + width, y + height)
    this.lineTo(x, y + height)
    this.closePath()
  }

  #add(command: string, ...numbers: number[]): void {
    this.#data += command + numbers.map(short).join(' ')
    this.#last = [numbers.at(-2) ?? 0, numbers.at(-1) ?? 0]
  }
}

/** What is drawn with d3-shape, which asks for a whole canvas but draws with the five methods above alone. */
export function traced(draw: (pen: CanvasRenderingContext2D) => void): string {
  const pen = new PathPen()
  draw(pen)
  return pen.data
}

const OPERATORS: Readonly<Record<string, string>> = { M: 'm', L: 'l', C: 'c', Z: 'h' }

/** The same path as operators of PDF. */
export const pdfPath = (data: string): string =>
  Array.from(data.matchAll(/([MLCZ])([^MLCZ]*)/g), ([, command = '', numbers = '']) =>
    `${numbers} ${OPERATORS[command] ?? ''}`.trim(),
  ).join('\n')
