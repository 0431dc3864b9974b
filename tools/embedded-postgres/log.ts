// Postgres' own messages go through us into one file that stays small: past its limit it becomes
// `<file>.1`.
import { appendFileSync, renameSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

const maxBytes = 1_000_000
const keptLines = 20

/** `last` gives the newest lines, for the error message of a start that failed. */
export type LogFile = { follow(stream: Readable): void; last(): string }

export function openLog(path: string, onLog?: (line: string) => void): LogFile {
  const kept: string[] = []
  // Opened anew for each line, and synchronously: there are few lines, and the last ones before a
  // crash matter most.
  function write(line: string): void {
    kept.push(line)
    if (kept.length > keptLines) kept.shift()
    try {
      if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > maxBytes)
        renameSync(path, `${path}.1`)
      appendFileSync(path, `${line}\n`, { mode: 0o600 })
    } catch {
      // A full disk must not take the database down with it.
    }
    onLog?.(line)
  }
  return {
    follow: (stream) => {
      createInterface({ input: stream }).on('line', write)
    },
    last: () => kept.join('\n'),
  }
}
