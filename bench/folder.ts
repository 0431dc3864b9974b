import { chmod, mkdtemp, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const tmpfs = 0x01021994

/**
 * A fresh folder for a database. A durable commit must reach a disk: in memory it would cost
 * nothing.
 */
export async function makeFolder(): Promise<string> {
  const isMemory = (await statfs(tmpdir())).type === tmpfs
  const folder = await mkdtemp(join(isMemory ? '/var/tmp' : tmpdir(), 'kontor-bench-'))
  await chmod(folder, 0o711) // as root, the account that Postgres runs as must pass
  return folder
}
