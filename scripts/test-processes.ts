// Which test files share a process, and the order in which the processes start.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

// The slowest first, or one of them would run on alone at the end.
const slowFiles = [
  'test/faults/harness.test.ts',
  'test/reconciliation/schedule.test.ts',
  'test/catalog/parameters.test.ts',
  'test/catalog/refresh.test.ts',
  'test/e2e/readme.test.ts',
  'test/e2e/demo.test.ts',
  'test/faults/crash.test.ts',
  'test/providers/circuit.test.ts',
  'test/faults/outcomes.test.ts',
  'test/operations/operator.test.ts',
  'test/vault/rotation.test.ts',
]
// They measure or limit the memory, the handles or the speed of their process.
const aloneFiles = [
  'test/catalog/hostile.test.ts',
  'test/catalog/rendering.test.ts',
  'test/db/embedded.test.ts',
  'test/http/every-route.test.ts',
  'test/http/memory.test.ts',
  'test/http/pressure.test.ts',
  'test/http/unread-answers.test.ts',
  'test/providers/slow-provider.test.ts',
]
// Folders whose other files run together, in so many processes.
const processesOfFolder: Readonly<Record<string, number>> = {
  'test/conformance': 4,
  'test/http': 3,
  'test/faults': 2,
  'test/reconciliation': 1,
  'test/catalog': 1,
  'test/access': 1,
  'test/marketplace': 1,
  'test/providers': 1,
  'test/tenancy': 1,
  'test/backends': 1,
  'test/conformance/clients': 1,
  'test/operations': 1,
  'test/bindings': 1,
  'test/instances': 1,
  'test/audit': 1,
  'test/vault': 1,
  'test/simulator': 1,
  'test/cli': 1,
  'test/db': 1,
  'test/oidc': 1,
  'test/runtime': 1,
  'test/scripts': 1,
  'test/support': 1,
  test: 1,
}
const folder = new URL('../.tap/together/', import.meta.url)
const runner = import.meta.resolve('./run-together.ts')

/**
 * @param files  all test files, by their paths from the checkout
 * @returns what tap shall start a process for: files, and lists of files that it writes into `.tap`
 */
export async function planProcesses(files: readonly string[]): Promise<string[]> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const apart = new Set([...slowFiles, ...aloneFiles])
  for (const file of apart) if (!files.includes(file)) throw new Error(`There is no ${file}.`)
  const shared = Object.entries(processesOfFolder).flatMap(([name, count]) => {
    const own = files.filter((file) => dirname(file) === name && !apart.has(file))
    return Array.from({ length: count }, (_, part) => ({
      name: `${name.replace('test/', '').replace('/', '-')}-${part + 1}`,
      files: own.filter((__, index) => index % count === part),
    }))
  })
  const inShared = new Set(shared.flatMap((each) => each.files))
  const written = await Promise.all(shared.map((each) => write(each.name, each.files)))
  const others = files.filter((file) => !inShared.has(file) && !apart.has(file))
  return [...apart, ...written, ...others]
}

async function write(name: string, files: readonly string[]): Promise<string> {
  const urls = files.map((file) => pathToFileURL(file).href)
  const url = new URL(`${name}.test.ts`, folder)
  const list = JSON.stringify(urls, undefined, 2)
  await writeFile(url, `import { runTogether } from '${runner}'\nrunTogether(${list})\n`)
  return fileURLToPath(url)
}
