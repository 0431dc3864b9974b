// In place of the `async-hook-domain` that tap asks for (load-quickly.ts). That one learns by an
// async hook which test made each promise and each socket, so that an error that no code catches
// fails the test that began the work. The hook costs a sixth of the CPU time of a test that does
// much input and output. Here such an error fails the innermost test that runs: none is hidden, and
// where tests run one after another it is the same test.
import { executionAsyncResource } from 'node:async_hooks'

type OnError = (error: unknown, origin: string) => void
/** A test of tap, as much of it as is used here. Plugins wrap it; its hook is the same then. */
interface TapTest {
  readonly hook: TapHook
  readonly parent?: TapTest
  readonly activeSubtests?: ReadonlySet<TapTest>
}
/** The async resource of a test. */
interface TapHook {
  readonly test?: TapTest
}

const domains = new Map<TapHook, Domain>()

/** What tap makes for each test, within that test's async resource, and destroys at its end. */
export class Domain {
  readonly onerror: OnError
  readonly #hook: TapHook = executionAsyncResource()

  constructor(onerror: OnError) {
    this.onerror = onerror
    if (this.#hook.test === undefined) return
    domains.set(this.#hook, this)
    if (domains.size === 1) process.on('uncaughtException', failInnermost)
  }

  destroy(): void {
    const wasLive = domains.delete(this.#hook)
    if (wasLive && domains.size === 0) process.off('uncaughtException', failInnermost)
  }
}

/** A rejection that no code handles comes here as well: Node throws it. */
function failInnermost(error: unknown, origin: string): void {
  const domain = innermost()
  // Node ends a process whose handler throws, with exit code 7.
  if (domain === undefined) throw error
  domain.onerror(error, origin)
}

function innermost(): Domain | undefined {
  let test = [...domains.keys()].find((hook) => hook.test?.parent === undefined)?.test
  let domain: Domain | undefined
  while (test !== undefined) {
    domain = domains.get(test.hook) ?? domain
    test = [...(test.activeSubtests ?? [])].at(-1)
  }
  return domain
}
