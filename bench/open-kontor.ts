// node bench/open-kontor.ts PLATFORM: this tree's Kontor with access control taken out, as a child
// process of the bench: everybody is let in as that platform, and there are no rules. All else is
// as `kontor serve` has it.
import { buildApp, entryPoints } from '../src/app.ts'
import { readConfig } from '../src/config.ts'
import { openRuntime } from '../src/runtime/runtime.ts'
import { createLog } from '../src/log.ts'
import type { Visibility } from '../src/access/visibility/visibility.ts'
import { startWorker } from '../src/worker.ts'

const config = readConfig(process.env)
const runtime = await openRuntime({ config, log: createLog(config.logLevel) })
const platform = runtime.directory.platform(process.argv[2] ?? '')
if (platform === undefined) throw new TypeError('There is no such platform.')
const served = await runtime.visibility.servedTo(platform)
const visibility: Visibility = {
  ...runtime.visibility,
  servedTo: () => served,
  validate: () => undefined,
}
const app = await buildApp(
  { ...runtime, visibility },
  entryPoints.map((open) => (deps) => ({
    ...open(deps),
    authenticate(request) {
      request.principal = { kind: 'platform', platform }
    },
  })),
)
startWorker(runtime)
process.send?.({ url: await app.listen({ host: '127.0.0.1', port: 0 }) })
for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(event, () => process.exit(0))
