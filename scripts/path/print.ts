import type { CalledFunction } from './called-functions.ts'

export interface Path {
  readonly row: string
  readonly description: string
  readonly functions: number
  readonly files: number
  /** By file and line. */
  readonly called: readonly CalledFunction[]
  /** What only some repetitions called. */
  readonly leftOut: readonly CalledFunction[]
}

export function printTable(paths: readonly Path[]): void {
  const width = Math.max(...paths.map(({ row }) => row.length))
  console.log(`${'row'.padEnd(width)}  functions  files`)
  for (const { row, functions, files, description } of paths)
    console.log(
      [
        row.padEnd(width),
        String(functions).padStart(9),
        String(files).padStart(5),
        description,
      ].join('  '),
    )
}

/** The functions on the way, file by file. */
export function printList({ called, leftOut }: Path): void {
  printFunctions(called)
  if (leftOut.length === 0) return
  console.log('\nNot counted, because only some repetitions called them:')
  printFunctions(leftOut)
}

function printFunctions(functions: readonly CalledFunction[]): void {
  let last = ''
  for (const { file, line, name } of functions) {
    if (file !== last) console.log(`\n${file}`)
    last = file
    console.log(`${String(line).padStart(6)}  ${name === '' ? '(closure)' : name}`)
  }
}
