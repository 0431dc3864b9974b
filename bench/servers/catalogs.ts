// Providers with large catalogs, under /1, /2, ...: POST /N/change makes another catalog of one.
import type { RequestListener } from 'node:http'

export interface CatalogsOptions {
  readonly offerings: number
}

/** Every order is accepted and never ends. */
export async function catalogsServer({ offerings }: CatalogsOptions): Promise<RequestListener> {
  const changes = new Map<string, number>()
  return (request, response) => {
    const [, provider = '', ...rest] = (request.url ?? '').split(/[/?]/)
    const send = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    request.resume().on('end', () => {
      if (rest[0] === 'change') {
        changes.set(provider, (changes.get(provider) ?? 0) + 1)
        send(200, {})
      } else if (rest[1] === 'catalog') {
        send(200, catalogOf(provider, offerings, changes.get(provider) ?? 0))
      } else if (request.method === 'PUT') send(202, { operation: 'one' })
      else send(200, { state: 'in progress' })
    })
  }
}

// About a kilobyte, as the offerings of real catalogs have.
function catalogOf(provider: string, offerings: number, change: number): object {
  const about = (text: string) => `${text} of provider ${provider}, for authorities of any size.`
  return {
    services: Array.from({ length: offerings }, (_, index) => ({
      id: `offering-${provider}-${index}`,
      name: `service-${index}`,
      description: about(`Service ${index}${index === 0 ? `, change ${change},` : ''}`),
      bindable: true,
      plan_updateable: true,
      tags: ['database', `kind-${index}`],
      metadata: {
        displayName: `Service ${index}`,
        longDescription: about('A database with backups, upgrades and support'),
        documentationUrl: `https://docs.example.org/${provider}/${index}`,
      },
      plans: ['small', 'large'].map((name) => ({
        id: `plan-${provider}-${index}-${name}`,
        name,
        description: about(`A ${name} one`),
        maintenance_info: { version: '1.0.0' },
        metadata: { bullets: [`${name} storage`, 'daily backups'], costs: [{ unit: 'MONTHLY' }] },
      })),
    })),
  }
}
