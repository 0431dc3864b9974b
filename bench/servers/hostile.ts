import type { RequestListener } from 'node:http'
import { freshCatalog, hostileCatalogs } from '../../test/support/hostile-catalogs.ts'

/** What each provider of the row "hostile" sends, by its place in the address: /0, /1, ... */
export const attacks: ReadonlyArray<{ readonly name: string; text(round: number): string }> = [
  { name: 'a small catalog', text: (round) => freshCatalog(round, 1, 1) },
  ...Object.entries(hostileCatalogs).map(([name, text]) => ({ name, text })),
  { name: '4,800 new plans at each reading', text: (round) => freshCatalog(round) },
]

/** Providers that attack with their catalogs. What does not change is made once. */
export async function hostileServer(): Promise<RequestListener> {
  const made = new Map<number, string>()
  let round = 0
  return (request, response) => {
    const at = Number((request.url ?? '').split('/')[1])
    const attack = attacks[at]
    const isFixed = at !== 0 && at !== attacks.length - 1
    const text = (isFixed ? made.get(at) : undefined) ?? attack?.text(++round)
    if (text === undefined) {
      response.writeHead(404).end()
      return
    }
    made.set(at, text)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(text)
  }
}
