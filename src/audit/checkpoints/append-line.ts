import { constants, open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Appends a line to a file and has it on the disk before it returns. Opens the file anew each time,
 * so that a file which was renamed is followed by a new one. A new file has mode 0600.
 * @throws Error of the file system, or for something that is no file
 */
export async function appendLine(path: string, line: string): Promise<void> {
  await withFile(path, async (file) => {
    const { size } = await file.stat()
    const isTorn = size > 0 && !(await endsWithNewline(file, size))
    // A process that was killed in the middle of a line must not spoil this one.
    await file.appendFile(`${isTorn ? '\n' : ''}${line}\n`)
    await file.sync()
    if (size === 0) await syncFolder(dirname(path))
  })
}

/** @throws as `appendLine`, when a line could not be appended */
export async function assertAppendable(path: string): Promise<void> {
  await withFile(path, async () => {})
}

// Not blocked by a named pipe without a reader.
const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK

async function withFile(path: string, work: (file: FileHandle) => Promise<void>): Promise<void> {
  await using file = await open(path, flags, 0o600)
  if (!(await file.stat()).isFile()) throw new Error(`${path} is not a regular file`)
  await work(file)
}

async function endsWithNewline(file: FileHandle, size: number): Promise<boolean> {
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer.toString() === '\n'
}

/** So that the file's name survives a crash of the machine too. */
async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r')
  await folder.sync()
}
