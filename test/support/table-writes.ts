// Which tables the sources write, read from Kysely's calls and from SQL in strings and templates.
import type { SourceFile } from './source.ts'
import { textsOf } from './source.ts'

export interface TableWrite {
  /** undefined: the table is chosen at run time. */
  readonly table: string | undefined
  readonly path: string
  /** `path:line` */
  readonly at: string
}

const kyselyWrites = ['insertInto', 'replaceInto', 'updateTable', 'deleteFrom', 'mergeInto']

const alias = /(?:\s+(?:as\s+)?\w+)?/
const table = /(?<table>"?\w+"?|\$\{)/
const sqlWrites = [
  new RegExp(`\\b(?:insert|merge)\\s+into\\s+${table.source}`, 'gi'),
  new RegExp(`\\bdelete\\s+from\\s+(?:only\\s+)?${table.source}`, 'gi'),
  new RegExp(`\\btruncate\\s+table\\s+(?:only\\s+)?${table.source}`, 'gi'),
  // With `set`, for `for update` and `do update set` name no table.
  new RegExp(
    `\\bupdate\\s+(?!set\\b)(?:only\\s+)?${table.source}[^}\\s]*\\}?${alias.source}\\s+set\\b`,
    'gi',
  ),
]

export function tableWritesOf(file: SourceFile): TableWrite[] {
  return [...writesByKysely(file), ...writesBySql(file)]
}

function writesByKysely(file: SourceFile): TableWrite[] {
  const writes: TableWrite[] = []
  file.visit({
    CallExpression({ callee, arguments: [first], start }) {
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return
      if (!kyselyWrites.includes(callee.property.name)) return
      const isNamed = first?.type === 'Literal' && typeof first.value === 'string'
      // `name as alias`
      const named = isNamed ? String(first.value).split(' ')[0] : undefined
      writes.push({ table: named, path: file.path, at: file.at(first?.start ?? start) })
    },
  })
  return writes
}

function writesBySql(file: SourceFile): TableWrite[] {
  return textsOf(file).flatMap(({ text, start }) =>
    sqlWrites.flatMap((pattern) =>
      [...text.matchAll(pattern)].map(({ index, groups }) => {
        const named = groups?.['table']?.replaceAll('"', '')
        return {
          table: named === '${' ? undefined : named,
          path: file.path,
          at: file.at(start + index),
        }
      }),
    ),
  )
}
