// Offerings and plans in memory: their text as bytes outside the heap, and of their content only
// what orders need. Parsed, a catalog would take several times its bytes.
import { pollingSlackSeconds, type UpstreamFlags } from './published.ts'
import { byPosition, type CatalogOffering, type CatalogPlan, type PlanTarget } from './snapshot.ts'
import type { Facts, OfferingRow, PlanRow } from './pages/store.ts'
import type { ProviderRow } from './store.ts'

type Body = Readonly<Record<string, unknown>>

const none: readonly string[] = []

/** A JSON text that is parsed when it is needed, and forgotten when memory is needed. */
class Stored {
  // A buffer object for each text would take more than half of the memory of the text.
  #common: Buffer
  #start = 0
  #end: number
  /** Of a text that must not be parsed. */
  readonly #facts: string | null
  readonly omitted: readonly string[]
  #parsed: WeakRef<Body> | undefined

  constructor(row: OfferingRow | PlanRow) {
    this.#common = withIdentity(row)
    this.#end = this.#common.length
    this.#facts = row.facts
    this.omitted = row.facts === null ? none : parseFacts(row.facts).omitted
  }

  get text(): Buffer {
    return this.#common.subarray(this.#start, this.#end)
  }

  /**
   * Copies the text to where it is kept from now on.
   * @param start  where it begins in `common`
   * @returns where it ends
   */
  moveTo(common: Buffer, start: number): number {
    const end = start + this.text.copy(common, start)
    this.#common = common
    this.#start = start
    this.#end = end
    return end
  }

  get body(): Body {
    const known = this.#parsed?.deref()
    if (known !== undefined) return known
    const body =
      this.#facts === null
        ? (JSON.parse(this.text.toString()) as Body)
        : parseFacts(this.#facts).kept
    this.#parsed = new WeakRef(body)
    return body
  }
}

export class StoredOffering extends Stored implements CatalogOffering {
  readonly id: string
  readonly name: string
  readonly position: number
  readonly upstreamId: string
  readonly upstreamFlags: UpstreamFlags
  readonly plans: StoredPlan[] = []
  readonly isPublished: boolean
  /** What holds for each plan that does not say otherwise. */
  readonly flags: Body

  constructor(row: OfferingRow, provider: ProviderRow) {
    super(row)
    const { bindable, plan_updateable, allow_context_updates } = factsOf(row)
    this.flags = { bindable, plan_updateable, allow_context_updates }
    this.id = row.id
    this.name = row.name
    this.position = row.position
    this.upstreamId = row.upstreamId
    this.upstreamFlags = row.upstreamFlags
    this.isPublished = !row.isWithdrawn && provider.isActive
  }

  /** @throws Error for a plan that cannot be read */
  addPlan(row: PlanRow, provider: ProviderRow): void {
    this.plans.push(new StoredPlan(row, this, provider))
  }
}

/**
 * To be called when all plans of these offerings were added. Their texts move into one buffer:
 * small buffers share theirs with whatever else was made at that moment, and would keep all of it.
 */
export function finish(offerings: readonly StoredOffering[]): void {
  const all = offerings.flatMap((offering) => [offering, ...offering.plans])
  const common = Buffer.allocUnsafeSlow(all.reduce((sum, { text }) => sum + text.length, 0))
  let at = 0
  for (const each of all) at = each.moveTo(common, at)
  for (const { plans } of offerings) plans.sort(byPosition)
}

/**
 * Moves the texts of all offerings of a provider into one buffer when less than half of their
 * buffers is still in use: a provider that changes all offerings but one, then all but two and so
 * on would have each version of them kept.
 */
export function compact(offerings: readonly StoredOffering[]): void {
  const buffers = new Set<ArrayBufferLike>()
  let used = 0
  for (const { text } of offerings.flatMap((offering) => [offering, ...offering.plans])) {
    buffers.add(text.buffer)
    used += text.length
  }
  let held = 0
  for (const { byteLength } of buffers) held += byteLength
  if (held > 2 * used) finish(offerings)
}

class StoredPlan extends Stored implements CatalogPlan {
  readonly id: string
  readonly name: string
  readonly position: number
  readonly offering: CatalogOffering
  readonly target: PlanTarget
  readonly isPublished: boolean
  readonly bindable: boolean
  readonly updateable: boolean
  readonly rotatable: boolean
  readonly contextUpdates: boolean
  readonly maintenanceVersion: string | undefined
  readonly maximumPollingSeconds: number | undefined

  constructor(row: PlanRow, offering: StoredOffering, provider: ProviderRow) {
    super(row)
    const body = factsOf(row)
    // A plan's flag overrides its offering's, true or false.
    const flag = (name: string) => body[name] ?? offering.flags[name]
    const maintenance = body['maintenance_info'] as { version?: string } | undefined
    const seconds = body['maximum_polling_duration']
    this.id = row.id
    this.name = row.name
    this.position = row.position
    this.offering = offering
    this.target = {
      // The same strings for all plans.
      providerId: provider.id === row.providerId ? provider.id : row.providerId,
      providerLabel: provider.label,
      upstreamServiceId:
        offering.upstreamId === row.upstreamServiceId ? offering.upstreamId : row.upstreamServiceId,
      upstreamPlanId: row.upstreamPlanId,
    }
    this.isPublished = offering.isPublished && !row.isWithdrawn
    this.bindable = flag('bindable') === true
    this.updateable = flag('plan_updateable') === true
    this.rotatable = body['binding_rotatable'] === true
    this.contextUpdates = offering.flags['allow_context_updates'] === true
    this.maintenanceVersion = maintenance?.version
    // The provider's own limit, without the slack in the published one: Kontor fails before the
    // platform.
    this.maximumPollingSeconds =
      typeof seconds === 'number' ? seconds - pollingSlackSeconds : undefined
  }
}

function factsOf({ facts, body }: OfferingRow | PlanRow): Body {
  return facts === null ? (JSON.parse(body) as Body) : parseFacts(facts).kept
}

function parseFacts(facts: string): Facts {
  // pages/store.ts makes it.
  return JSON.parse(facts) as Facts
}

/** The text of a body with its published id and name, which stand in columns of their own. */
function withIdentity({ id, name, body }: OfferingRow | PlanRow): Buffer {
  if (!body.startsWith('{') || !body.endsWith('}'))
    throw new TypeError('The stored text is no JSON object.')
  const rest = body.slice(1)
  return Buffer.from(
    `{"id":${JSON.stringify(id)},"name":${JSON.stringify(name)}${rest === '}' ? '' : ','}${rest}`,
  )
}
