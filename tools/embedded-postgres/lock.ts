// One folder has one owner. The lock is a socket in Linux's abstract namespace: the kernel frees it
// with the process, even after kill -9, so it can neither go stale nor be left behind as a file.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'

/**
 * @param secret makes the socket's name one that other users of the machine cannot guess and take
 *   first
 * @returns the function that releases the folder
 * @throws Error when another live process (or this one, earlier) holds the folder
 */
export async function lockFolder(folder: string, secret: string): Promise<() => Promise<void>> {
  const { dev, ino } = await stat(folder)
  const name = createHash('sha256').update(`${dev}:${ino}:${secret}`).digest('hex')
  const server = createServer((socket) => socket.destroy()).unref()
  server.listen(`\0kontor-${name}`)
  await once(server, 'listening').catch(async (cause: unknown) => {
    throw await describeOwner(folder, cause)
  })

  const note = join(folder, 'owner.pid') // for people to read; the socket is the lock
  await writeFile(note, `${process.pid}\n`)
  return async () => {
    await rm(note, { force: true })
    server.close()
    await once(server, 'close')
  }
}

async function describeOwner(folder: string, cause: unknown): Promise<unknown> {
  if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') return cause
  const pid = await readFile(join(folder, 'owner.pid'), 'utf8').then(
    (text) => ` (pid ${text.trim()})`,
    () => '',
  )
  return new Error(
    `Another Kontor process${pid} is using ${folder}. ` +
      'Stop it first, or set KONTOR_DATA to another folder.',
    { cause },
  )
}
