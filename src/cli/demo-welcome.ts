import type { CatalogSnapshot } from '../catalog/snapshot.ts'
import type { DataCentre } from './demo-data-centres.ts'

export interface WelcomeFacts {
  readonly url: string
  readonly platforms: Readonly<Record<string, { username: string; password: string }>>
  readonly demoFile: string
  readonly envFile: string
  readonly dataCentres: readonly DataCentre[]
  /** Whether people of the demo can sign in. */
  readonly hasSignIn: boolean
  readonly catalog: CatalogSnapshot
}

/** The text at the end of the start: commands to paste and try. */
export function welcome({
  url,
  platforms,
  demoFile,
  envFile,
  dataCentres,
  hasSignIn,
  catalog,
}: WelcomeFacts): string {
  const offerings = [...catalog.offerings.values()].filter(({ plans }) =>
    plans.some((plan) => plan.isPublished),
  )
  const example = offerings.find(({ name }) => name.endsWith('-dmessenger')) ?? offerings[0]
  const [plan] = example?.plans ?? []
  const [platform] = Object.values(platforms)
  const provider = dataCentres.find(({ name }) => example?.name.startsWith(`${name}-`))
  const centres = `${dataCentres.length} simulated data centres`
  return `
Kontor is ready at ${url}: ${offerings.length} offerings of ${centres}.
All of it is invented demo data.

  open ${url}${hasSignIn ? '   and sign in as one of its people, without a password' : ''}

Credentials and addresses: ${demoFile}, and for a shell: . '${envFile}'

  # the merged catalog
  export KONTOR="${url}" AUTH="${platform?.username}:${platform?.password}"
  export V="X-Broker-API-Version: 2.17"
  curl -s -u $AUTH -H "$V" $KONTOR/v2/catalog

  # order "${example?.name}", plan "${plan?.name}": takes about ten seconds
  curl -s -u $AUTH -H "$V" -H 'Content-Type: application/json' \\
    -X PUT "$KONTOR/v2/service_instances/my-first?accepts_incomplete=true" \\
    -d '{"service_id":"${example?.id}","plan_id":"${plan?.id}",
         "organization_guid":"musterstadt","space_guid":"it-amt"}'

  # how it goes, until "succeeded"
  curl -s -u $AUTH -H "$V" $KONTOR/v2/service_instances/my-first/last_operation

  # what the data centre itself holds
  curl -s ${provider?.url}/_simulator/state

Pages to read: ${url}/docs (the API). Ctrl-C stops everything; the next start finds its data again.`
}
