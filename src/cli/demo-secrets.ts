import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BrokerError } from '../errors.ts'

/** What the demo generates at its first start and reads at later ones. */
export interface DemoSecrets {
  /** The ring that the folder began with; the current one is in the file `keys`. */
  readonly keys: string
  readonly adminToken: string
  readonly simulatorPassword: string
  /** name -> credentials */
  readonly platforms: Record<string, { username: string; password: string }>
  /** provider -> port of its simulator at the last start */
  readonly ports: Record<string, number>
  /** Of the issuer at the last start; absent before the first. */
  readonly issuerPort?: number
}

const fileName = 'secrets.json'

export async function readSecrets(folder: string): Promise<DemoSecrets> {
  const text = await readFile(join(folder, fileName), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    },
  )
  if (text === undefined) {
    return {
      keys: `demo:${randomBytes(32).toString('base64')}`,
      adminToken: randomBytes(32).toString('hex'),
      simulatorPassword: randomBytes(24).toString('base64url'),
      platforms: {},
      ports: {},
    }
  }
  try {
    return JSON.parse(text) as DemoSecrets
  } catch {
    throw new BrokerError(
      'configuration',
      `${join(folder, fileName)} is not valid JSON. Without its keys the data of the demo ` +
        'cannot be ' +
        'opened. Delete the folder to start afresh.',
    )
  }
}

export function writePrivate(file: string, value: unknown): Promise<void> {
  return writePrivateText(file, `${JSON.stringify(value, null, 2)}\n`)
}

/** Writes a file that only its owner can read, whole or not at all. */
export async function writePrivateText(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 })
  await rename(`${file}.new`, file)
}

export function writeSecrets(folder: string, secrets: DemoSecrets): Promise<void> {
  return writePrivate(join(folder, fileName), secrets)
}
