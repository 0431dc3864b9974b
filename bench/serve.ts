// node bench/serve.ts NAME OPTIONS: one comparison server, or the providers of the row "engine", as
// a child process of the bench.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { catalogsServer } from './servers/catalogs.ts'
import { hostileServer } from './servers/hostile.ts'
import { lastOperationServer } from './servers/last-operation.ts'
import { listingsServer } from './servers/listings.ts'
import { ordersServer } from './servers/orders.ts'
import { providersServer } from './servers/providers.ts'
import { provisionServer } from './servers/provision.ts'
import { repeatServer } from './servers/repeat.ts'
import { sameRowsServer } from './servers/same-rows.ts'
import { tenProvidersServer } from './servers/ten-providers.ts'

const servers: Readonly<Record<string, (options: never) => Promise<RequestListener>>> = {
  repeat: repeatServer,
  'last-operation': lastOperationServer,
  provision: provisionServer,
  orders: ordersServer,
  providers: providersServer,
  catalogs: catalogsServer,
  listings: listingsServer,
  hostile: hostileServer,
  'same-rows': sameRowsServer,
  'ten-providers': tenProvidersServer,
}

const [name = '', options = '{}'] = process.argv.slice(2)
const create = servers[name]
if (create === undefined) throw new TypeError(`There is no server "${name}".`)
// Each row writes the options that its server reads.
const handle = await create(JSON.parse(options) as never)
// As Kontor does: no connection is closed while the bench runs.
const server = createServer({ keepAliveTimeout: 72_000 }, handle)
server.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
})
process.once('SIGTERM', () => process.exit(0))
process.once('SIGINT', () => process.exit(0))
process.once('disconnect', () => process.exit(0))
