// Which row a path is of. Rows are looked up part by part, so that it costs the same however many there are; a part
// that is spelled out goes before one with an id in its place.

interface Node<T> {
  readonly spelled: Map<string, Node<T>>
  any?: Node<T>
  value?: T
}

/** What stands at a path, and what came in place of its `{names}`, in their order. */
export interface Found<T> {
  readonly value: T
  readonly parts: readonly string[]
}

const newNode = <T>(): Node<T> => ({ spelled: new Map() })

/** The parts of a path, without the slashes around it. */
const partsOf = (path: string): string[] => path.replace(/^\/|\/$/g, '').split('/')

/** The text that was written in a URL; what cannot be read stays as it is, and names nothing. */
function decoded(part: string): string {
  if (!part.includes('%')) return part
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export class PathTable<T> {
  readonly #root = newNode<T>()

  /** What stands at the path (`/groups/{group_id}/plan/`); made by the first who asks. */
  at(path: string, make: () => T): T {
    let node = this.#root
    for (const part of partsOf(path)) {
      if (part.startsWith('{')) {
        node = node.any ??= newNode<T>()
        continue
      }
      const next = node.spelled.get(part) ?? newNode<T>()
      node.spelled.set(part, next)
      node = next
    }
    return (node.value ??= make())
  }

  find(path: string): Found<T> | undefined {
    return search(this.#root, partsOf(path), 0, [])
  }
}

function search<T>(node: Node<T>, parts: readonly string[], i: number, taken: readonly string[]): Found<T> | undefined {
  const part = parts[i]
  if (part === undefined) return node.value === undefined ? undefined : { value: node.value, parts: taken }
  const spelled = node.spelled.get(part)
  const found = spelled && search(spelled, parts, i + 1, taken)
  if (found !== undefined || node.any === undefined || part === '') return found
  return search(node.any, parts, i + 1, [...taken, decoded(part)])
}
