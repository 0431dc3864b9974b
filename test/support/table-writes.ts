// Which tables the sources write, read from Kysely's calls and from SQL in strings and templates.
import type { SourceFile } from './source.ts'
import { textsOf } from './source.ts'

export type WriteKind = 'insert' | 'update' | 'delete' | 'truncate'

export interface TableWrite {
  readonly kind: WriteKind
  /** undefined: the table is chosen at run time. */
  readonly table: string | undefined
  readonly path: string
  /** `path:line` */
  readonly at: string
  /** Where it stands in the file. */
  readonly offset: number
}

const kyselyWrites: ReadonlyMap<string, WriteKind> = new Map([
  ['insertInto', 'insert'],
  ['replaceInto', 'insert'],
  ['mergeInto', 'insert'],
  ['updateTable', 'update'],
  ['deleteFrom', 'delete'],
])

const alias = /(?:\s+(?:as\s+)?\w+)?/
const table = /(?<table>"?\w+"?|\$\{)/
const sqlWrites: ReadonlyArray<readonly [WriteKind, RegExp]> = [
  ['insert', new RegExp(`\\b(?:insert|merge)\\s+into\\s+${table.source}`, 'gi')],
  ['delete', new RegExp(`\\bdelete\\s+from\\s+(?:only\\s+)?${table.source}`, 'gi')],
  ['truncate', new RegExp(`\\btruncate\\s+table\\s+(?:only\\s+)?${table.source}`, 'gi')],
  [
    'update',
    // With `set`, for `for update` and `do update set` name no table.
    new RegExp(
      `\\bupdate\\s+(?!set\\b)(?:only\\s+)?${table.source}[^}\\s]*\\}?${alias.source}\\s+set\\b`,
      'gi',
    ),
  ],
]

export function tableWritesOf(file: SourceFile): TableWrite[] {
  return [...writesByKysely(file), ...writesBySql(file)].flatMap((write) => [
    write,
    ...(write.kind === 'insert' && isUpsert(file, write.offset)
      ? [{ ...write, kind: 'update' as const }]
      : []),
  ])
}

// The conflict clause of an insert stands before the end of its function.
function isUpsert({ text }: SourceFile, offset: number): boolean {
  const [rest = ''] = text.slice(offset).split(/\n}|\n(?=\S)/)
  return /\bdoUpdateSet\(|\bdo update set\b/.test(rest)
}

function writesByKysely(file: SourceFile): TableWrite[] {
  const writes: TableWrite[] = []
  file.visit({
    CallExpression({ callee, arguments: [first], start }) {
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return
      const kind = kyselyWrites.get(callee.property.name)
      if (kind === undefined) return
      const isNamed = first?.type === 'Literal' && typeof first.value === 'string'
      // `name as alias`
      const named = isNamed ? String(first.value).split(' ')[0] : undefined
      const offset = first?.start ?? start
      writes.push({ kind, table: named, path: file.path, at: file.at(offset), offset })
    },
  })
  return writes
}

function writesBySql(file: SourceFile): TableWrite[] {
  return textsOf(file).flatMap(({ text, start }) =>
    sqlWrites.flatMap(([kind, pattern]) =>
      [...text.matchAll(pattern)].map(({ index, groups }) => {
        const named = groups?.['table']?.replaceAll('"', '')
        const offset = start + index
        return {
          kind,
          table: named === '${' ? undefined : named,
          path: file.path,
          at: file.at(offset),
          offset,
        }
      }),
    ),
  )
}
