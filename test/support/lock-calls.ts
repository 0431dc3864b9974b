// Where the sources take advisory locks, and which. The number must come from the list in
// src/db/advisory-locks.ts.
import { textsOf, type SourceFile } from './source.ts'

export interface LockCall {
  /** The lock's name in that list; undefined when the number is not taken from there. */
  readonly lock: string | undefined
  readonly path: string
  /** `path:line` */
  readonly at: string
}

// The first argument: a value bound by position, or an expression in the template.
const call = /\bpg_\w*advisory\w*(?:\s*\(\s*(?:\$(?<position>\d+)|\$\{(?<expression>[^}]*)\}))?/gi
const listed = /^\s*advisoryLocks\.(\w+)\s*$/

export function lockCallsOf(file: SourceFile): LockCall[] {
  const bound = boundValues(file)
  return textsOf(file).flatMap(({ text, start }) =>
    [...text.matchAll(call)].map(({ index, groups }) => {
      const position = Number(groups?.['position'])
      const number = groups?.['expression'] ?? bound.get(start)?.[position - 1]
      return {
        lock: listed.exec(number ?? '')?.[1],
        path: file.path,
        at: file.at(start + index),
      }
    }),
  )
}

/** Of `query(text, [value, value])`: the start of each text, and its values as source text. */
function boundValues(file: SourceFile): ReadonlyMap<number, readonly string[]> {
  const bound = new Map<number, readonly string[]>()
  file.visit({
    CallExpression({ arguments: [text, values] }) {
      if (text === undefined || values?.type !== 'ArrayExpression') return
      bound.set(
        text.start + 1,
        values.elements.map((value) =>
          value === null ? '' : file.text.slice(value.start, value.end),
        ),
      )
    },
  })
  return bound
}
