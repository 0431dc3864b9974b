import { open, type FileHandle } from 'node:fs/promises'
import { BrokerError } from '../errors.ts'
import { parseKeyRing, type KeyRing } from './key-ring.ts'

/** The key ring itself (KONTOR_KEYS), or the path of its file (KONTOR_KEYS_FILE). */
export interface KeySource {
  readonly keys: string | undefined
  readonly keysFile: string | undefined
}

// More is a mistake, such as the path of a device that never ends.
const maxBytes = 65_536

/**
 * @throws BrokerError `configuration` when no key ring is set, its file is readable by other users,
 *   or the text is not a key ring
 */
export async function readKeys({ keys, keysFile }: KeySource): Promise<KeyRing> {
  if (keysFile !== undefined)
    return parseKeyRing(await readPrivate(keysFile), `KONTOR_KEYS_FILE (${keysFile})`)
  if (keys === undefined)
    throw new BrokerError(
      'configuration',
      'KONTOR_KEYS is not set. Make a key with: openssl rand -base64 32',
    )
  return parseKeyRing(keys)
}

async function readPrivate(path: string): Promise<string> {
  let file: FileHandle | undefined
  try {
    file = await open(path)
    await assertPrivate(path, file)
    const bytes = Buffer.alloc(maxBytes + 1)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    if (bytesRead > maxBytes)
      throw new BrokerError(
        'configuration',
        `KONTOR_KEYS_FILE (${path}) is too long for a key ring.`,
      )
    return bytes.subarray(0, bytesRead).toString()
  } catch (error) {
    if (error instanceof BrokerError) throw error
    // Node's errors name the path and the reason.
    const reason = error instanceof Error ? error.message : 'unknown cause'
    throw new BrokerError('configuration', `KONTOR_KEYS_FILE cannot be read: ${reason}.`, {
      cause: error,
    })
  } finally {
    await file?.close()
  }
}

// The rule of Postgres for its own key file: only its user may read it or, where root owns it (as a
// secret mounted in a container), also the group of this process.
async function assertPrivate(path: string, file: FileHandle): Promise<void> {
  const self = process.geteuid?.()
  const { mode, uid } = await file.stat()
  if (self === undefined) return
  const octalMode = (mode & 0o7777).toString(8).padStart(4, '0')
  if (uid !== self && uid !== 0)
    throw new BrokerError(
      'configuration',
      `KONTOR_KEYS_FILE (${path}) belongs to user ${uid}; it must belong to user ${self}, ` +
        'which Kontor runs as, or to root.',
    )
  const forbidden = uid === 0 ? 0o037 : 0o077
  if ((mode & forbidden) !== 0)
    throw new BrokerError(
      'configuration',
      `KONTOR_KEYS_FILE (${path}) has mode ${octalMode}: other users may read or change it. ` +
        `Set its mode to ${uid === 0 ? '0400, 0440, 0600 or 0640' : '0400 or 0600'}.`,
    )
}
