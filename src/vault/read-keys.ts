import { open, type FileHandle } from 'node:fs/promises'
import { BrokerError } from '../errors.ts'
import { parseKeyRing, type KeyRing } from './key-ring.ts'

/** Where the key ring is: in KONTOR_KEYS, or in the file that KONTOR_KEYS_FILE names. */
export interface KeySource {
  readonly keys: string | undefined
  readonly keysFile: string | undefined
}

// A ring of a thousand keys is a mistake, and so is a device that never ends.
const maxBytes = 65_536

/** @throws BrokerError `configuration` when there is none, its file may be read by others, or it is not a key ring */
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
    // Node's own errors name the path and what went wrong with it.
    throw new BrokerError(
      'configuration',
      `KONTOR_KEYS_FILE cannot be read: ${error instanceof Error ? error.message : 'unknown cause'}.`,
      { cause: error },
    )
  } finally {
    await file?.close()
  }
}

// As Postgres has it for its own key: only its user may read it, or, where root owns it, as it does what a container mounts,
// the group that this process is in.
async function assertPrivate(path: string, file: FileHandle): Promise<void> {
  const self = process.geteuid?.()
  const { mode, uid } = await file.stat()
  if (self === undefined) return
  const shown = (mode & 0o7777).toString(8).padStart(4, '0')
  if (uid !== self && uid !== 0)
    throw new BrokerError(
      'configuration',
      `KONTOR_KEYS_FILE (${path}) belongs to user ${uid}; it must belong to user ${self}, as whom Kontor runs, or to root.`,
    )
  const tooMany = uid === 0 ? 0o037 : 0o077
  if ((mode & tooMany) !== 0)
    throw new BrokerError(
      'configuration',
      `KONTOR_KEYS_FILE (${path}) has mode ${shown}: others may read or change it. Set it to ${uid === 0 ? '0400, 0440, 0600 or 0640' : '0400 or 0600'}.`,
    )
}
