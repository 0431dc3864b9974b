// A command of `kontor` in this process. It runs what a process of its own would run from
// src/main.ts on, with modules that are loaded already: a tenth of the CPU time. Lines that the
// logger writes are not seen, so what the log says needs spawnKontor.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Ended } from './kontor-process.ts'

interface Command {
  stdout: string
  stderr: string
  /** Given to process.exit, after which a process would write nothing. */
  code?: number
}

class Exit extends Error {}

const commands = new AsyncLocalStorage<Command>()
let runs = 0
let last: Promise<unknown> = Promise.resolve()

/**
 * One command after the other, because a process has one environment.
 * @param environment  all of it; it holds nothing of the test's own
 */
export function runKontor(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Ended> {
  const run = last.then(() => runNow(args, environment))
  last = run.catch(() => {})
  return run
}

async function runNow(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Ended> {
  const { argv, env, exitCode } = process
  const command: Command = { stdout: '', stderr: '' }
  watchProcess()
  process.argv = [process.execPath, 'kontor', ...args]
  process.env = { ...environment }
  process.exitCode = undefined
  try {
    // With another query it is another module, which runs anew; those that it imports do not.
    await commands.run(command, () => import(`../../src/main.ts?run=${++runs}`))
    const { stdout, stderr, code = Number(process.exitCode ?? 0) } = command
    return { code, stdout, stderr }
  } finally {
    Object.assign(process, { argv, env, exitCode })
  }
}

let isWatched = false

/** What a command writes goes to the command; the output of the test itself goes where it went. */
function watchProcess(): void {
  if (isWatched) return
  isWatched = true
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = process[name]
    const write = stream.write.bind(stream) as (...all: unknown[]) => boolean
    stream.write = (text: unknown, ...more: unknown[]) => {
      const command = commands.getStore()
      if (command === undefined) return write(text, ...more)
      if (command.code === undefined) command[name] += String(text)
      return true
    }
  }
  const exit = process.exit.bind(process)
  process.exit = (code) => {
    const command = commands.getStore()
    if (command === undefined) return exit(code)
    command.code ??= Number(code ?? process.exitCode ?? 0)
    throw new Exit()
  }
}
