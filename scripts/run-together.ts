// Runs several test files in one process, one after another: a process takes a second of CPU time
// before its first assertion, and code that V8 has optimized runs faster. See test-processes.ts.
import { registerHooks } from 'node:module'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import tap, { type Test } from 'tap'

// A file gets no less time than one with a process of its own.
const timeoutMs = 120_000
const tests = new Map<string, Test>()
const registry = 'kontorTestsByFile'

/**
 * Each file becomes a subtest, and is what `import t from 'tap'` gives to that file: it ends with
 * the file's tests, and its teardown runs before the next file is loaded.
 * @param urls  of the files
 */
export function runTogether(urls: readonly string[]): void {
  Object.assign(globalThis, { [registry]: tests })
  registerHooks({
    resolve(specifier, context, next) {
      const { parentURL } = context
      if (specifier !== 'tap' || parentURL === undefined || !tests.has(parentURL))
        return next(specifier, context)
      const source = `export default globalThis.${registry}.get(${JSON.stringify(parentURL)})`
      const url = `data:text/javascript,${encodeURIComponent(source)}`
      return { url, format: 'module', shortCircuit: true }
    },
  })
  tap.setTimeout(urls.length * timeoutMs)
  for (const url of urls)
    void tap.test(
      relative(process.cwd(), fileURLToPath(url)),
      { timeout: timeoutMs },
      async (t) => {
        tests.set(url, t)
        await import(url)
      },
    )
}
