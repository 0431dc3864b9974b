// Which functions of src/ this process calls, by V8's precise coverage. A closure is a function of
// its own.
import { readFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { fileURLToPath } from 'node:url'

export interface CalledFunction {
  /** Path from the root of the repository. */
  readonly file: string
  readonly line: number
  /** Empty for a closure without a name. */
  readonly name: string
}

export interface Coverage {
  /** The functions that were called since the last take, each under a key of its own. */
  take(): Promise<ReadonlyMap<string, CalledFunction>>
  stop(): void
}

const root = new URL('../../', import.meta.url).href

/** Counts calls from now on. */
export async function startCoverage(): Promise<Coverage> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
  return {
    async take() {
      const { result } = await session.post('Profiler.takePreciseCoverage')
      const called = new Map<string, CalledFunction>()
      for (const { url, functions } of result.filter((script) => isProduct(script.url)))
        for (const { functionName, ranges } of functions) {
          const [own] = ranges
          // V8 reports the body of a module as a function, too. It begins at 0.
          if (own === undefined || own.count === 0 || own.startOffset === 0) continue
          called.set(`${url}:${own.startOffset}-${own.endOffset}`, {
            file: url.slice(root.length),
            line: lineAt(url, own.startOffset),
            name: functionName,
          })
        }
      return called
    },
    stop: () => {
      session.disconnect()
    },
  }
}

function isProduct(url: string): boolean {
  return url.startsWith(`${root}src/`) && !url.endsWith('.gen.ts')
}

const texts = new Map<string, string>()

// Node replaces types by spaces, so V8's offsets hold in the file, too.
function lineAt(url: string, offset: number): number {
  const text = texts.get(url) ?? readFileSync(fileURLToPath(url), 'utf8')
  texts.set(url, text)
  return text.slice(0, offset).split('\n').length
}
