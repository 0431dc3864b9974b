import { access, chmod, constants, mkdtemp, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const neededBytes = 2_000_000_000

/**
 * A fresh folder for a database that need not last, in memory where there is room: cloning a
 * database there takes 7 ms, on some disks 280 ms. Containers often have only 64 MB of it.
 */
export async function makeTemporaryFolder(name: string): Promise<string> {
  const folder = await mkdtemp(
    join((await hasRoom('/dev/shm')) ? '/dev/shm' : tmpdir(), `kontor-${name}-`),
  )
  await chmod(folder, 0o711) // as root, the account that Postgres runs as must pass
  return folder
}

async function hasRoom(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK | constants.X_OK)
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize > neededBytes
  } catch {
    return false
  }
}
