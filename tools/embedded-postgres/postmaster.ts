// One run of the Postgres server process: its start until it takes connections, and its end.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { LogFile } from './log.ts'
import type { Runner } from './user.ts'

export type Postmaster = { pid: number; exited: Promise<void>; stop(): Promise<void> }
export type Launch = {
  postgres: string
  data: string
  settings: Record<string, string>
  runner: Runner
  log: LogFile
}

// A crash recovery may have a gigabyte of write-ahead log to read.
const startLimitMs = 120_000
const pollMs = 5
// Fast shutdown (sessions are cut, a checkpoint is written), immediate shutdown (recovery at the
// next start), the end.
const endings = [
  ['SIGINT', 10_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
] as const

/**
 * @param signal ends a start that is under way
 * @throws Error with the last lines of its log when it does not come up
 */
export async function startPostmaster(launch: Launch, signal: AbortSignal): Promise<Postmaster> {
  const { data, log } = launch
  await endLeftover(data) // again: a crash leaves its pid file
  const settings = Object.entries(launch.settings).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ])
  const { file, args, options } = launch.runner.wrap(launch.postgres, ['-D', data, ...settings])
  const child = spawn(file, args, {
    ...options,
    cwd: '/',
    // none of our own environment: it may hold secrets
    env: { PATH: process.env['PATH'], TZ: 'UTC', LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
    // A session of its own: Ctrl-C in the terminal reaches us only, and the database outlives our
    // drain.
    detached: true,
  })
  log.follow(child.stderr)
  const drained = new Promise((resolve) => {
    child.once('close', resolve)
  })
  let failure: Error | undefined
  let running = true
  const exited = once(child, 'exit')
    .then(
      () => {},
      (error: Error) => {
        failure = error
      },
    )
    .finally(() => {
      running = false
    })
  const stop = () =>
    end(
      (name) => {
        child.kill(name)
      },
      async () => running,
      exited,
    )

  const deadline = performance.now() + startLimitMs
  while (running && !(await isReady(data, child.pid))) {
    if (signal.aborted || performance.now() > deadline) await stop()
    else await Promise.race([exited, delay(pollMs)])
  }
  if (running && child.pid !== undefined) return { pid: child.pid, exited, stop }
  // 'exit' may come before the last lines; 'close' may never come while a stray backend holds the
  // pipe.
  await Promise.race([drained, delay(200)])
  throw new Error(
    `The embedded Postgres in ${data} did not start: ${failure?.message ?? log.last()}`,
    { cause: failure },
  )
}

/**
 * Ends the server that a killed Kontor left behind in this folder, and clears the pid file of one
 * that is gone: Postgres would refuse to start if an unrelated process has got that pid meanwhile.
 * Call only while holding the folder's lock. Backends that still run are safe: Postgres finds them
 * by their shared memory and waits.
 */
export async function endLeftover(data: string): Promise<void> {
  const [pid] = await readPidFile(data)
  if (pid === undefined) return
  const isLive = () => isPostmaster(Number(pid), data)
  if (await isLive())
    await end((name) => {
      process.kill(Number(pid), name)
    }, isLive)
  await rm(join(data, 'postmaster.pid'), { force: true })
}

// The command line, not the working directory: every user may read it, and a zombie has none.
async function isPostmaster(pid: number, data: string): Promise<boolean> {
  const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
  return (words[0]?.endsWith('postgres') ?? false) && words[1] === '-D' && words[2] === data
}

async function end(
  kill: (name: NodeJS.Signals) => void,
  isLive: () => Promise<boolean>,
  exited?: Promise<void>,
): Promise<void> {
  for (const [name, limitMs] of endings) {
    if (!(await isLive())) return
    kill(name)
    const deadline = performance.now() + limitMs
    while ((await isLive()) && performance.now() < deadline)
      await Promise.race([delay(pollMs), ...(exited ? [exited] : [])])
  }
}

// Line 1 is the pid, line 8 the state, as pg_ctl reads them.
async function isReady(data: string, pid: number | undefined): Promise<boolean> {
  const lines = await readPidFile(data)
  return lines[0] === String(pid) && lines[7]?.trim() === 'ready'
}

async function readPidFile(data: string): Promise<string[]> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')
  return text === '' ? [] : text.split('\n')
}
