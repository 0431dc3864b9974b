// The servers that are measured, each a process of its own, all started by the same node with the
// same flags.
import { fork, spawn, type ChildProcess } from 'node:child_process'
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

export interface Server {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

/** Starts a module that sends `{ url }` to its parent when it listens. */
export async function startModule(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const child = fork(file, [...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
    env: { ...base(), ...env },
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => {
      resolve((message as { url: string }).url)
    })
    child.once('error', reject)
    child.once('exit', (code) => {
      reject(new Error(`${file} ended with ${String(code)} before it listened.`))
    })
  })
  return serverOf(child, url)
}

/**
 * `kontor migrate`, then `kontor serve` as an operator starts it; its log goes to a file, as in
 * production.
 */
export async function startKontor(
  tree: string,
  env: Readonly<Record<string, string>>,
  logFile: string,
  nodeArgs: readonly string[],
): Promise<Server> {
  await runKontor(tree, ['migrate'], env)
  return serveKontor(tree, env, logFile, nodeArgs)
}

/** `kontor serve` on a database that is at its schema, until it is ready. */
export async function serveKontor(
  tree: string,
  env: Readonly<Record<string, string>>,
  logFile: string,
  nodeArgs: readonly string[] = [],
): Promise<Server> {
  const log = openSync(logFile, 'a')
  const { size: before } = fstatSync(log)
  const child = spawn(process.execPath, [...nodeArgs, `${tree}/bin/kontor.js`, 'serve'], {
    stdio: ['ignore', 'ignore', log],
    env: { ...base(), ...env },
  })
  closeSync(log)
  for (let retries = 0; retries < 1_500; retries++) {
    // Another process may have written to it earlier.
    const ready = readFileSync(logFile)
      .subarray(before)
      .toString()
      .split('\n')
      .find((line) => line.includes('"kontor is ready"'))
    if (ready !== undefined) return serverOf(child, (JSON.parse(ready) as { url: string }).url)
    if (child.exitCode !== null) break
    await delay(10)
  }
  child.kill('SIGKILL')
  throw new Error(`Kontor did not start:\n${readFileSync(logFile, 'utf8')}`)
}

/** Runs a command of Kontor's to its end. @returns what it printed */
export async function runKontor(
  tree: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(process.execPath, [`${tree}/bin/kontor.js`, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...base(), ...env },
  })
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  if (code !== 0) throw new Error(`kontor ${args.join(' ')} ended with ${String(code)}.`)
  return printed
}

function base(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' }
}

function serverOf(child: ChildProcess, url: string): Server {
  return {
    url,
    pid: child.pid ?? 0,
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) {
          resolve()
          return
        }
        const timer = setTimeout(() => child.kill('SIGKILL'), 8_000)
        child.once('exit', () => {
          clearTimeout(timer)
          resolve()
        })
        child.kill('SIGTERM')
      }),
  }
}
