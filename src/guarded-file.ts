// Files that decide who is let in: a user of this machine who may change one is an operator.
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { BrokerError } from './errors.ts'
import type { UnsafeSetting } from './unsafe-settings.ts'

export interface Guard {
  /** The variable or field that names the file, for messages. */
  readonly name: string
  /** What other users could do who read the file; undefined: all may read it. */
  readonly readersMay?: string
  /** Called when other users may read the file, or when one of them owns it. */
  onUnsafe(setting: UnsafeSetting): void
}

/**
 * Reads a file and looks at who else may. The file of root may be read by its group, as containers
 * mount it.
 * @throws BrokerError `configuration` when its mode lets other users change it; Node's error when
 *   it cannot be read
 */
export function readGuardedFile(path: string, { name, readersMay, onUnsafe }: Guard): string {
  const file = openSync(path, 'r')
  try {
    // Of the opened file: another one may have the path by now.
    const { mode, uid } = fstatSync(file)
    const self = process.geteuid?.()
    const octalMode = (mode & 0o7777).toString(8).padStart(4, '0')
    if (self !== undefined && (mode & 0o022) !== 0)
      throw new BrokerError(
        'configuration',
        `${name} (${path}) has mode ${octalMode}: other users may change it. Set its mode to 0600.`,
      )
    if (self !== undefined && uid !== self && uid !== 0)
      onUnsafe({
        name: 'file-of-another-user',
        sentence:
          `${name} (${path}) belongs to user ${uid}, who may change it; let it belong to user ` +
          `${self}, which Kontor runs as, or to root.`,
      })
    const isExposed = self !== undefined && (mode & (uid === 0 ? 0o007 : 0o077)) !== 0
    if (isExposed && readersMay !== undefined)
      onUnsafe({
        name: 'file-readable',
        sentence:
          `${name} (${path}) has mode ${octalMode}: other users may ${readersMay}. Set its mode ` +
          'to 0600, or to 0640 if root owns it.',
      })
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}
