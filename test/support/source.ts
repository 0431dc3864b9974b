// The sources as a parser reads them, for tests of their structure.
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseSync, Visitor, type Program, type VisitorObject } from 'oxc-parser'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface SourceFile {
  /** From the root of the repository. */
  readonly path: string
  readonly text: string
  readonly lines: readonly string[]
  readonly isGenerated: boolean
  /** `path:line` of an offset. */
  at(offset: number): string
  visit(visitor: VisitorObject): void
}

/** @param folders  of the repository's root */
export function readSources(...folders: readonly string[]): SourceFile[] {
  const patterns = folders.map((folder) => `${folder}/**/*.ts`)
  return globSync(patterns, { cwd: root })
    .toSorted()
    .map((path) => sourceOf(path, readFileSync(`${root}/${path}`, 'utf8')))
}

export function sourceOf(path: string, text: string): SourceFile {
  let program: Program | undefined
  return {
    path,
    text,
    lines: text.replace(/\n$/, '').split('\n'),
    isGenerated: path.endsWith('.gen.ts'),
    at: (offset) => `${path}:${text.slice(0, offset).split('\n').length}`,
    visit(visitor) {
      program ??= parse(path, text)
      new Visitor(visitor).visit(program)
    },
  }
}

function parse(path: string, text: string): Program {
  const { program, errors } = parseSync(path, text)
  const [error] = errors
  if (error !== undefined) throw new Error(`${path}: ${error.message}`)
  return program
}

export interface Text {
  /** As it stands in the file, with `${...}`, without its quotation marks. */
  readonly text: string
  /** Where it begins in the file. */
  readonly start: number
}

/** Strings and templates, in the order of the file. */
export function textsOf({ text, visit }: SourceFile): Text[] {
  const texts: Text[] = []
  const add = ({ start, end }: { readonly start: number; readonly end: number }) => {
    texts.push({ text: text.slice(start + 1, end - 1), start: start + 1 })
  }
  visit({
    TemplateLiteral: add,
    Literal: (node) => {
      if (typeof node.value === 'string') add(node)
    },
  })
  return texts
}
