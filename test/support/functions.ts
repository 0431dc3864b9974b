import type { ArrowFunctionExpression, Function as AnyFunction } from 'oxc-parser'
import type { SourceFile } from './source.ts'

export interface FunctionLength {
  /** `path:line` */
  readonly at: string
  readonly lines: number
}

/** Every function with a body in braces. Closures of one expression, mostly short, do not count. */
export function functionsOf(file: SourceFile): FunctionLength[] {
  const functions: FunctionLength[] = []
  const add = ({ body, start, end }: AnyFunction | ArrowFunctionExpression) => {
    if (body?.type !== 'BlockStatement') return
    functions.push({ at: file.at(start), lines: file.text.slice(start, end).split('\n').length })
  }
  file.visit({
    FunctionDeclaration: add,
    FunctionExpression: add,
    ArrowFunctionExpression: add,
  })
  return functions
}
