// Real `kontor serve` processes that a test may kill, pause and resume.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { commandLineCaller } from '../../src/tenancy/caller.ts'
import { createPlatform } from '../../src/tenancy/create-platform.ts'
import { basicAuth } from '../support/basic-auth.ts'
import { caller, type Call, type TestKontor } from '../support/kontor.ts'
import type { Teardown } from '../support/teardown.ts'

const entry = fileURLToPath(new URL('../../bin/kontor.js', import.meta.url))

export interface KontorProcess {
  readonly child: ChildProcess
  readonly pid: number
  readonly url: string
  readonly call: Call
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** What it has logged so far. */
  log(): string
}

/**
 * @param kontor  in this process and without a worker: it registers providers and reads rows
 * @returns starts a process on the same database, with settings of its own; its calls are those of
 *   one platform
 */
export async function processesOf(
  t: Teardown,
  kontor: TestKontor,
  environment: Record<string, string> = {},
): Promise<(own?: Record<string, string>) => Promise<KontorProcess>> {
  const { username, password } = await createPlatform(
    kontor.running.runtime,
    commandLineCaller('test'),
    'of-processes',
  )
  const headers = {
    'x-broker-api-version': '2.17',
    authorization: basicAuth(username, password),
  }
  return async (own = {}) => {
    const child = spawn(process.execPath, [entry, 'serve'], {
      env: {
        PATH: process.env['PATH'],
        ...kontor.environment,
        LOG_LEVEL: 'info',
        PORT: '0',
        ...environment,
        ...own,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const exited = once(child, 'exit').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
    }))
    t.teardown(async () => {
      child.kill('SIGCONT')
      child.kill('SIGKILL')
      await exited
    })
    let log = ''
    const url = await new Promise<string>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        log += chunk.toString()
        const [, found] = /"url":"(http[^"]+)"/.exec(log) ?? []
        if (found !== undefined) resolve(found)
      })
      child.once('exit', () => {
        reject(new Error(`kontor serve did not start: ${log}`))
      })
    })
    return { child, pid: child.pid ?? 0, url, call: caller(url, headers), exited, log: () => log }
  }
}
