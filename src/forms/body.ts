// What a browser sends. A control is named by the JSON pointer of its field; what else belongs to a
// field is a control `word:pointer`.

export interface FormBody {
  /** The last value under a name, with plain line ends. */
  get(name: string): string | undefined
  /** Whether there is a control of the field, or of one below it. */
  has(pointer: string): boolean
}

// A longer name is none of ours, and all the pointers above it would take much memory.
const maxName = 1_000
const maxDepth = 40

export function readBody(body: URLSearchParams): FormBody {
  const values = new Map<string, string>()
  const pointers = new Set<string>()
  for (const [name, value] of body) {
    const start = name.search(/[:/]/)
    if (name.length > maxName || start === -1) continue
    values.set(name, value.replaceAll('\r\n', '\n'))
    const pointer = name[start] === ':' ? name.slice(start + 1) : name
    let at = pointer
    for (let depth = 0; depth < maxDepth && !pointers.has(at); depth++) {
      pointers.add(at)
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')))
    }
  }
  return { get: (name) => values.get(name), has: (pointer) => pointers.has(pointer) }
}
