import { setImmediate } from 'node:timers/promises'
import type { ListedInstance } from '../backends/backend.ts'
import { ask } from './ask.ts'
import type { Surveying } from './deps.ts'
import { RunFailure } from './run.ts'

const maxPages = 1_000
const maxListed = 1_000_000

// Instances and bindings that are compared before other work comes between.
const portionSize = 1_000

/**
 * Reads a provider's listing page by page to its end, and gives it in portions.
 * @throws RunFailure for a page without a usable answer, and for a listing that repeats a page or
 *   is too long
 */
export async function* pagesOf(surveying: Surveying): AsyncGenerator<readonly ListedInstance[]> {
  const asked = new Set<string>()
  let count = 0
  for (let page: string | undefined; ;) {
    const listed = await ask(surveying, async (questions) =>
      questions.listInstances?.(page, surveying.signal),
    )
    if (listed === undefined) throw new RunFailure('The provider no longer has a listing.')
    if (listed.kind === 'failed')
      throw new RunFailure(`The provider's listing could not be read: ${listed.description}.`)
    count += listed.instances.reduce((sum, { bindingIds = [] }) => sum + 1 + bindingIds.length, 0)
    if (count > maxListed)
      throw new RunFailure(
        `The provider lists more than ${maxListed.toLocaleString('en')} instances and bindings.`,
      )
    for (const portion of portionsOf(listed.instances)) {
      yield portion
      await setImmediate()
    }
    page = listed.next
    if (page === undefined) return
    if (asked.has(page))
      throw new RunFailure(
        "The provider's listing goes in circles: it names a page for the second time.",
      )
    asked.add(page)
    if (asked.size >= maxPages)
      throw new RunFailure(
        "The provider's listing does not end: " +
          `it has more than ${maxPages.toLocaleString('en')} pages.`,
      )
  }
}

function* portionsOf(instances: readonly ListedInstance[]): Generator<readonly ListedInstance[]> {
  let portion: ListedInstance[] = []
  let size = 0
  for (const instance of instances) {
    portion.push(instance)
    size += 1 + (instance.bindingIds?.length ?? 0)
    if (size < portionSize) continue
    yield portion
    portion = []
    size = 0
  }
  if (size > 0) yield portion
}
