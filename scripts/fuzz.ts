// node scripts/fuzz.ts [--requests 20000] [--seed 1]: odd requests to every route
// (test/http/fuzz.test.ts). Its last line reads `N requests, N server errors, N undocumented`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '20000' }, seed: { type: 'string' } },
})
const test = spawn(
  process.execPath,
  [fileURLToPath(new URL('../test/http/fuzz.test.ts', import.meta.url))],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      KONTOR_FUZZ_REQUESTS: values.requests,
      KONTOR_FUZZ_TELL: '1',
      ...(values.seed === undefined ? {} : { KONTOR_FUZZ_SEED: values.seed }),
    },
  },
)
let output = ''
test.stdout.on('data', (part: Buffer) => {
  output += part.toString()
  process.stdout.write(part)
})
const [code] = (await once(test, 'close')) as [number | null]
const [summary] = /\d+ requests, \d+ server errors, \d+ undocumented/.exec(output) ?? []
console.log(`\n${summary ?? 'The run did not come to its end.'}`)
process.exitCode = code ?? 1
