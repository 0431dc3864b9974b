import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'

// Below 32768, where Linux's ephemeral ports begin: in that range a client that reconnects while
// Postgres restarts can be given our port as its own, connect to itself, and keep Postgres from
// coming back.
const lowest = 15_432
const highest = 32_768

/**
 * The former port of this folder if it is free, else a new one, remembered in `<folder>/port`.
 * @param wanted a fixed port; then no other is taken
 * @throws Error when the fixed port is taken
 */
export async function choosePort(folder: string, wanted?: number): Promise<number> {
  if (wanted !== undefined) {
    if (await isFree(wanted)) return wanted
    throw new Error(
      `Port ${wanted} on 127.0.0.1, wanted for the embedded Postgres, is taken by another process.`,
    )
  }
  const note = join(folder, 'port')
  let port = Number(await readFile(note, 'utf8').catch(() => 0))
  while (!Number.isInteger(port) || port < 1 || port > 65_535 || !(await isFree(port)))
    port = randomInt(lowest, highest)
  await writeFile(note, `${port}\n`)
  return port
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  const free = await once(server, 'listening').then(
    () => true,
    () => false,
  )
  if (free) {
    server.close()
    await once(server, 'close')
  }
  return free
}
