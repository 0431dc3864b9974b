// Kontor as a process of its own, started as an operator starts it.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { until } from './kontor.ts'
import type { Teardown } from './teardown.ts'

const program = fileURLToPath(new URL('../../bin/kontor.js', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface KontorProcess {
  readonly child: ChildProcess
  /** What the process has written so far. */
  output(): { readonly stdout: string; readonly stderr: string }
  ended(): Promise<Ended>
}

/** Passes on only PATH: other variables of the test's environment would change the outcome. */
export function spawnKontor(
  t: Teardown,
  args: readonly string[],
  environment: Record<string, string>,
): KontorProcess {
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH, KONTOR_DRAIN_SECONDS: '1', KONTOR_DATABASE_CONNECTIONS: '5', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const closed = once(child, 'close') as Promise<[number | null]>
  t.teardown(() => child.kill('SIGKILL'))
  const output = () => ({ stdout, stderr })
  return { child, output, ended: async () => ({ code: (await closed)[0], ...output() }) }
}

/** Starts `kontor serve` and waits until it is ready. */
export async function serveKontor(
  t: Teardown,
  environment: Record<string, string>,
  ...options: readonly string[]
): Promise<KontorProcess & { readonly url: string }> {
  const served = spawnKontor(t, ['serve', ...options], {
    PORT: '0',
    LOG_LEVEL: 'info',
    ...environment,
  })
  const ready = () => /"url":"(http:[^"]+)".*kontor is ready/.exec(served.output().stderr)?.[1]
  const url = await until(
    () => (served.child.exitCode === null ? ready() : served.output().stderr),
    (seen) => seen !== undefined,
  )
  if (ready() === undefined) throw new Error(`It did not start: ${served.output().stderr}`)
  return { ...served, url: url ?? '' }
}
