// Which test files share a process, and the order in which the processes start.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

// They measure or limit the memory, the handles or the speed of their process, fill its memory, or
// leave the work to processes that they start.
const aloneFiles = [
  'test/faults/harness.test.ts',
  'test/e2e/readme.test.ts',
  'test/e2e/demo.test.ts',
  'test/catalog/hostile.test.ts',
  'test/catalog/parameters.test.ts',
  'test/catalog/refresh.test.ts',
  'test/catalog/rendering.test.ts',
  'test/db/embedded.test.ts',
  'test/http/every-route.test.ts',
  'test/http/memory.test.ts',
  'test/http/pressure.test.ts',
  'test/http/unread-answers.test.ts',
  'test/providers/slow-provider.test.ts',
]

interface Shared {
  /** Their files are dealt out to so many processes, whose names begin with that of the first. */
  readonly folders: readonly string[]
  readonly processes: number
}
const sharedProcesses: readonly Shared[] = [
  { folders: ['test/conformance', 'test/conformance/clients'], processes: 2 },
  { folders: ['test/faults', 'test/instances', 'test/e2e'], processes: 2 },
  { folders: ['test/catalog', 'test/marketplace'], processes: 1 },
  { folders: ['test/reconciliation', 'test/providers', 'test/backends'], processes: 2 },
  { folders: ['test/operations', 'test/bindings', 'test/vault', 'test/oidc'], processes: 2 },
  { folders: ['test/http', 'test/http/console'], processes: 2 },
  {
    folders: [
      'test/access',
      'test/orders',
      'test/mail',
      'test/tenancy',
      'test/people',
      'test/audit',
    ],
    processes: 2,
  },
  { folders: ['test/db', 'test/cli', 'test/simulator', 'test/runtime'], processes: 1 },
  {
    folders: ['test', 'test/support', 'test/scripts', 'test/properties', 'test/forms'],
    processes: 1,
  },
]
const folder = new URL('../.tap/together/', import.meta.url)
const runner = import.meta.resolve('./run-together.ts')

/**
 * @param files  all test files, by their paths from the checkout
 * @returns what tap shall start a process for: files, and lists of files that it writes into `.tap`
 */
export async function planProcesses(files: readonly string[]): Promise<string[]> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  for (const file of aloneFiles) if (!files.includes(file)) throw new Error(`There is no ${file}.`)
  const shared = sharedProcesses.flatMap(({ folders, processes }) => {
    const own = files.filter(
      (file) => folders.includes(dirname(file)) && !aloneFiles.includes(file),
    )
    const name = (folders[0] ?? '').replaceAll('/', '-')
    return Array.from({ length: processes }, (_, part) => ({
      name: `${name}-${part + 1}`,
      files: own.filter((__, index) => index % processes === part),
    }))
  })
  const written = await Promise.all(shared.map((each) => write(each.name, each.files)))
  const inShared = new Set(shared.flatMap((each) => each.files))
  const others = files.filter((file) => !inShared.has(file) && !aloneFiles.includes(file))
  // The longest first, or one of them would run on alone at the end.
  return [...written, ...aloneFiles, ...others]
}

async function write(name: string, files: readonly string[]): Promise<string> {
  const urls = files.map((file) => pathToFileURL(file).href)
  const url = new URL(`${name}.test.ts`, folder)
  const list = JSON.stringify(urls, undefined, 2)
  await writeFile(url, `import { runTogether } from '${runner}'\nrunTogether(${list})\n`)
  return fileURLToPath(url)
}
