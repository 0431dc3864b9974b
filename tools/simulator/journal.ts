import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { applyChanges, createWorld, dumpWorld } from './world.ts'
import type { Change, World } from './world.ts'

export interface Journal {
  world: World
  /**
   * Written before it is applied, and applied before the answer goes out: a kill -9 loses nothing
   * that was answered.
   */
  commit(changes: Change[]): void
  close(): void
}

export function openJournal(file: string | undefined): Journal {
  if (file === undefined) {
    const world = createWorld()
    return { world, commit: (changes) => applyChanges(world, changes), close: () => {} }
  }
  mkdirSync(dirname(file), { recursive: true })
  const world = replayJournal(file)
  compactJournal(file, world)
  // Not readable for others: it holds the credentials that were handed out.
  const handle = openSync(file, 'a', 0o600)
  let isOpen = true
  return {
    world,
    commit(changes) {
      if (changes.length === 0) return
      if (isOpen) writeWhole(handle, JSON.stringify(changes) + '\n')
      applyChanges(world, changes)
    },
    close() {
      if (isOpen) closeSync(handle)
      isOpen = false
    },
  }
}

function writeWhole(handle: number, line: string): void {
  const bytes = Buffer.from(line)
  let written = 0
  while (written < bytes.length) written += writeSync(handle, bytes, written)
}

function replayJournal(file: string): World {
  const world = createWorld()
  if (!existsSync(file)) return world
  const lines = readFileSync(file, 'utf8').split('\n')
  lines.forEach((line, index) => {
    if (line === '') return
    const changes = parseLine(line)
    if (changes !== undefined) return applyChanges(world, changes)
    // Only the last line can be torn: the process died while it was written, so its answer never
    // went out.
    if (index !== lines.length - 1)
      throw new Error(`The state file ${file} is broken in line ${index + 1}.`)
  })
  return world
}

function parseLine(line: string): Change[] | undefined {
  try {
    const changes: unknown = JSON.parse(line)
    // Our own file, written by commit above.
    return Array.isArray(changes) ? (changes as Change[]) : undefined
  } catch {
    return undefined
  }
}

function compactJournal(file: string, world: World): void {
  const changes = dumpWorld(world)
  const fresh = `${file}.new`
  writeFileSync(fresh, changes.map((change) => JSON.stringify([change]) + '\n').join(''), {
    mode: 0o600,
  })
  renameSync(fresh, file)
}
