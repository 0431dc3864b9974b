// Generates what is committed but not written by hand: src/types.gen.ts from schemas/,
// src/db/schema.gen.ts from a freshly migrated database, src/db/serving-rights.gen.ts from the
// statements of the stores, src/http/api/nouns.gen.ts from the files beside it, the table of
// docs/audit.md from src/audit/actions.ts, openapi.yaml from the routes. With --check it only
// compares and fails on a difference.
import { readFile, writeFile } from 'node:fs/promises'

type Generator = () => Promise<{ file: string; text: string }>

const generators: Record<string, () => Promise<Generator>> = {
  types: async () => (await import('./generate-types.ts')).generateTypes,
  database: async () => (await import('./generate-database.ts')).generateDatabase,
  rights: async () => (await import('./generate-rights.ts')).generateRights,
  nouns: async () => (await import('./generate-nouns.ts')).generateNouns,
  'audit-table': async () => (await import('./generate-audit-table.ts')).generateAuditTable,
  openapi: async () => (await import('./generate-openapi.ts')).generateOpenapi,
}

const check = process.argv.includes('--check')
const asked = process.argv.slice(2).filter((word) => !word.startsWith('--'))

let stale = 0
for (const [name, load] of Object.entries(generators)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  const generate = await load()
  const { file, text } = await generate()
  const present = await readFile(file, 'utf8').catch(() => '')
  if (present === text) continue
  if (check) {
    stale++
    console.error(`${file} is not what its sources say: run "npm run gen" and commit the result.`)
  } else {
    await writeFile(file, text)
    console.log(`wrote ${file}`)
  }
}
process.exitCode = stale > 0 ? 1 : 0
