const LONGEST = 500

/** An error in one line that can be logged: without the parameters of a query, and without addresses. */
export const errorText = (error: unknown): string =>
  String(error)
    .replace(/\s*params:[\s\S]*$/, '')
    .replace(/[^\s<>"']+@[^\s<>"']+/g, '[address]')
    .replace(/\s+/g, ' ')
    .slice(0, LONGEST)

/** Where the error was thrown, without its message. */
export const stackOf = (error: unknown): string | undefined =>
  error instanceof Error
    ? error.stack
        ?.split('\n')
        .filter((line) => line.trimStart().startsWith('at '))
        .join('\n')
    : undefined
