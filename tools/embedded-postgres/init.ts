// Makes the cluster, once per folder. A start that dies half-way leaves nothing that the next one
// takes for a database.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  access,
  chown,
  constants,
  link,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Runner } from './user.ts'

const run = promisify(execFile)
const unfinished = 'data.init-'

/**
 * The password of the superuser `kontor`, made on first use and kept in `<folder>/password`, mode
 * 0600.
 */
export async function storePassword(folder: string): Promise<string> {
  const path = join(folder, 'password')
  if (!(await exists(path))) {
    if (await exists(join(folder, 'data'))) {
      throw new Error(
        `${path} is missing, so the database beside it cannot be opened. Restore that file, ` +
          `or remove ${folder} to start anew without its data.`,
      )
    }
    // A link appears whole or not at all, and two processes that race agree on one password.
    const draft = `${path}.${process.pid}`
    await writeFile(draft, randomBytes(32).toString('base64url'), { mode: 0o600 })
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    await rm(draft)
  }
  return readFile(path, 'utf8')
}

/** Call only while holding the folder's lock. @returns the folder of the cluster */
export async function initCluster(
  folder: string,
  initdb: string,
  runner: Runner,
  durable: boolean,
): Promise<string> {
  const data = join(folder, 'data')
  for (const name of await readdir(folder)) {
    // maxRetries: an initdb that outlived its kill -9'd parent may still be writing into it.
    if (name.startsWith(unfinished))
      await rm(join(folder, name), { recursive: true, force: true, maxRetries: 5 })
  }
  if (await exists(data)) return data

  const draft = await mkdtemp(join(folder, unfinished))
  const password = join(folder, 'password')
  if (runner.uid !== undefined && runner.gid !== undefined) {
    await chown(draft, runner.uid, runner.gid)
    await chown(password, runner.uid, runner.gid)
  }
  const { file, args, options } = runner.wrap(initdb, [
    `--pgdata=${draft}`,
    '--username=kontor',
    `--pwfile=${password}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The builtin provider sorts the same on every machine, whatever its C library or ICU.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-instructions',
    // The password has 256 bits: stretching it would only make each connection dearer.
    '--set',
    'scram_iterations=1',
    '--wal-segsize=4', // megabytes; a small data folder
    ...(durable ? [] : ['--no-sync']),
  ])
  // With TZ set, initdb does not search the whole time zone database for the machine's.
  await run(file, args, {
    ...options,
    cwd: '/',
    env: { PATH: process.env['PATH'], TZ: 'UTC', LC_ALL: 'C' },
  }).catch(async (cause: Error & { stderr?: string }) => {
    await rm(draft, { recursive: true, force: true })
    throw new Error(
      `The embedded Postgres could not be set up in ${folder}: ${cause.stderr || cause.message}`,
      { cause },
    )
  })
  await rename(draft, data)
  return data
}

/**
 * Makes the folder if it is missing. @returns its real path, which is what the postmaster is later
 * recognised by
 * @throws Error when it belongs to another user
 */
export async function makeFolder(path: string): Promise<string> {
  // As root the folder must let the account of Postgres pass; what lies in it is private by itself.
  await mkdir(path, { recursive: true, mode: process.geteuid?.() === 0 ? 0o711 : 0o700 })
  const folder = await realpath(path)
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK).catch(
    async (cause: unknown) => {
      throw new Error(
        `The folder ${folder} cannot be used by the user id ${process.geteuid?.()}: it belongs ` +
          `to the user id ${(await stat(folder)).uid}. Start Kontor as that user, or set ` +
          'KONTOR_DATA to another folder.',
        { cause },
      )
    },
  )
  return folder
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
}
