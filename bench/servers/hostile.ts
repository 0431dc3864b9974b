import type { RequestListener } from 'node:http'
import { setPriority } from 'node:os'
import { freshCatalog, hostileCatalogs } from '../../test/support/hostile-catalogs.ts'

/** What each provider of the row "hostile" sends, by its place in the address: /0, /1, ... */
export const attacks: ReadonlyArray<{ readonly name: string; text(round: number): string }> = [
  { name: 'a small catalog', text: (round) => freshCatalog(round, 1, 1) },
  ...Object.entries(hostileCatalogs).map(([name, text]) => ({ name, text })),
  { name: '4,800 new plans at each reading', text: (round) => freshCatalog(round) },
]

// How many catalogs of an attack that changes are made, before the first one comes again.
const maxRounds = 40

/**
 * Providers that attack with their catalogs, which are made before the first request. A provider
 * has a machine of its own: here it takes the processors only when nothing else wants them.
 */
export async function hostileServer(): Promise<RequestListener> {
  setPriority(19)
  const made = attacks.map(({ text }, at) => {
    const isFixed = at !== 0 && at !== attacks.length - 1
    return Array.from({ length: isFixed ? 1 : maxRounds }, (_, round) => Buffer.from(text(round)))
  })
  let round = 0
  return (request, response) => {
    const bodies = made[Number((request.url ?? '').split('/')[1])] ?? []
    const body = bodies[++round % bodies.length]
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(body)
  }
}
