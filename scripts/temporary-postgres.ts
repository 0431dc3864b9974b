// A Postgres for as long as one command runs.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { constants } from 'node:os'
import { startPostgres } from '../tools/embedded-postgres/start.ts'
import { makeTemporaryFolder } from './temporary-folder.ts'

const graceMs = 5_000
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Gives `act` the url, and stops the server and removes its folder whatever happens, also after
 * Ctrl-C.
 */
export async function withTemporaryPostgres(
  act: (url: string) => Promise<number>,
): Promise<number> {
  const folder = await makeTemporaryFolder('postgres')
  // runCommand passes the signal on; we outlive the command and clean up.
  const hold = () => {}
  for (const name of signals) process.on(name, hold)
  try {
    // Five processes of the tests run at once, some with several Kontors of 12 connections each.
    const settings = { max_connections: '400' }
    const server = await startPostgres({ folder, durable: false, settings })
    return await act(server.url).finally(() => server.stop())
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    for (const name of signals) process.off(name, hold)
  }
}

/** @returns its exit code, or 128 + n after signal n, as a shell says it */
export async function runCommand(
  file: string,
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  // A process group of its own, so that a signal to us reaches all that it started: tap leaves hung
  // test files behind.
  const child = spawn(file, args, { stdio: 'inherit', env, detached: true })
  const signalAll = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name)
    } catch {
      // All of it is gone already.
    }
  }
  const forward = (name: NodeJS.Signals) => {
    signalAll(name)
    setTimeout(signalAll, graceMs, 'SIGKILL').unref()
  }
  for (const name of signals) process.on(name, forward)
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    return code ?? 128 + (signal === null ? 0 : constants.signals[signal])
  } finally {
    signalAll('SIGKILL') // whatever the command left behind
    for (const name of signals) process.off(name, forward)
  }
}
