import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BrokerError } from '../errors.ts'

/** What the demo makes up at its first start and finds again at the next. */
export interface DemoSecrets {
  /** The ring that the folder began with; what it is now lies in the file `keys`. */
  readonly keys: string
  readonly adminToken: string
  readonly simulatorPassword: string
  /** name -> credentials */
  readonly platforms: Record<string, { username: string; password: string }>
  /** provider -> port of its simulator at the last start */
  readonly ports: Record<string, number>
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
      `${join(folder, fileName)} is not readable. Without its keys the demo's data cannot be opened; delete the folder to begin anew.`,
    )
  }
}

export function writePrivate(file: string, value: unknown): Promise<void> {
  return writePrivateText(file, `${JSON.stringify(value, null, 2)}\n`)
}

/** Readable by its owner only; never half written. */
export async function writePrivateText(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 })
  await rename(`${file}.new`, file)
}

export function writeSecrets(folder: string, secrets: DemoSecrets): Promise<void> {
  return writePrivate(join(folder, fileName), secrets)
}
