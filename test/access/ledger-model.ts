// What quotas count, modelled as a list of instances, and the same events in SQL.
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { QuotaScope } from '../../src/access/quotas/quota.ts'
import type { Db, DbOrTx } from '../../src/db/database.ts'

/** What of an instance decides for which quotas it counts. */
export interface Place {
  readonly organisationId: string | null
  readonly platformId: string
  readonly providerId: string
  readonly offeringId: string
  readonly planId: string
}

interface Modelled {
  readonly id: string
  place: Place
  counts: boolean
  isDeleted: boolean
  change: { readonly id: string; readonly planId: string } | undefined
}

type Plan = Pick<Place, 'providerId' | 'offeringId' | 'planId'>

interface Tenancy {
  addOrganisation(parent: string | null): Promise<string>
  addPlatform(owner: string | null): Promise<string>
}

const at = <T>(items: readonly T[], n: number): T => {
  const item = items[n % items.length]
  if (item === undefined) throw new Error('The list is empty.')
  return item
}

export class LedgerModel {
  readonly #parents = new Map<string, string | null>()
  readonly #owners = new Map<string, string | null>()
  readonly #plans: Plan[] = []
  readonly #instances: Modelled[] = []

  /** Four organisations in a line, three platforms, six plans of two providers. */
  async open({ addOrganisation, addPlatform }: Tenancy): Promise<void> {
    let parent: string | null = null
    for (let n = 0; n < 4; n++) {
      const id: string = await addOrganisation(parent)
      this.#parents.set(id, parent)
      parent = id
    }
    for (const owner of [null, parent, this.#organisations[0] ?? null])
      this.#owners.set(await addPlatform(owner), owner)
    for (let provider = 0; provider < 2; provider++) {
      const providerId = randomUUID()
      for (const offeringId of [randomUUID(), randomUUID()])
        for (let plan = 0; plan < 2 - provider; plan++)
          this.#plans.push({ providerId, offeringId, planId: randomUUID() })
    }
  }

  get #organisations(): string[] {
    return [...this.#parents.keys()]
  }

  /** Each quota that there can be, in any order. */
  quotaAt(n: number): QuotaScope {
    const plan = at(this.#plans, n)
    const organisationId = at([null, ...this.#organisations], Math.floor(n / 7))
    const { providerId, offeringId, planId } = plan
    const scopes = [
      { providerId, offeringId: null, planId: null },
      { providerId, offeringId, planId: null },
      { providerId, offeringId, planId },
      ...(organisationId === null ? [] : [{ providerId: null, offeringId: null, planId: null }]),
    ]
    return { organisationId, ...at(scopes, Math.floor(n / 3)) }
  }

  count({ organisationId, providerId, offeringId, planId }: QuotaScope): number {
    return this.#instances.filter(
      ({ counts, isDeleted, place, change }) =>
        counts &&
        !isDeleted &&
        (organisationId === null || this.#isBelow(place, organisationId)) &&
        (providerId === null || place.providerId === providerId) &&
        (offeringId === null || place.offeringId === offeringId) &&
        (planId === null || place.planId === planId || change?.planId === planId),
    ).length
  }

  #isBelow({ organisationId, platformId }: Place, root: string): boolean {
    let each = organisationId ?? this.#owners.get(platformId) ?? null
    while (each !== null && each !== root) each = this.#parents.get(each) ?? null
    return each === root
  }

  /** Carries an event out on the database and on the model; `a` and `b` choose what it is about. */
  async apply(db: Db, event: string, a: number, b: number): Promise<void> {
    if (event === 'order' || event === 'refused order') return this.#order(db, event, a, b)
    if (event === 'move organisation' || event === 'move platform')
      return this.#move(db, event, a, b)
    const live = this.#instances.filter(({ isDeleted }) => !isDeleted)
    if (live.length > 0) await this.#changeInstance(db, event, at(live, a), b)
  }

  async #order(db: Db, event: string, a: number, b: number): Promise<void> {
    const place: Place = {
      organisationId: at([null, ...this.#organisations], a),
      platformId: at([...this.#owners.keys()], b),
      ...at(this.#plans, Math.floor(a / 5)),
    }
    const id = randomUUID()
    const isRefused = event === 'refused order'
    const write = db.transaction().execute(async (tx) => {
      await sql`insert into instances (id, platform_id, instance_id, provider_id, offering_id,
          plan_id, organisation_id, upstream_id, upstream_service_id, upstream_plan_id,
          organization_guid, space_guid, state, created_at, updated_at)
        values (${id}, ${place.platformId}, ${id}, ${place.providerId}, ${place.offeringId},
          ${place.planId}, ${place.organisationId}, 'u', 's', 'p', 'o', 's', 'provisioning', now(),
          now())`.execute(tx)
      if (isRefused) throw new Error('refused')
    })
    await (isRefused ? write.catch(() => {}) : write)
    if (!isRefused)
      this.#instances.push({ id, place, counts: true, isDeleted: false, change: undefined })
  }

  async #move(db: Db, event: string, a: number, b: number): Promise<void> {
    if (event === 'move platform') {
      const id = at([...this.#owners.keys()], a)
      const owner = at([null, ...this.#organisations], b)
      await sql`update platforms set organisation_id = ${owner} where id = ${id}`.execute(db)
      this.#owners.set(id, owner)
      return
    }
    // To one that stands before it, so that no cycle can be.
    const n = a % this.#organisations.length
    const id = at(this.#organisations, n)
    const parent = at([null, ...this.#organisations.slice(0, n)], b)
    await sql`update organisations set parent_id = ${parent} where id = ${id}`.execute(db)
    this.#parents.set(id, parent)
  }

  async #changeInstance(db: Db, event: string, instance: Modelled, b: number): Promise<void> {
    const { id, place } = instance
    const set = (change: ReturnType<typeof sql>) =>
      sql`update instances set ${change} where id = ${id}`.execute(db)
    switch (event) {
      case 'fail':
        await set(sql`state = 'failed', may_exist = false`)
        instance.counts = false
        return
      case 'fail but may exist':
        await set(sql`state = 'failed', may_exist = true`)
        instance.counts = true
        return
      case 'ready':
        await set(sql`state = 'ready'`)
        instance.counts = true
        return
      case 'delete':
        await set(sql`state = 'gone', deleted_at = now()`)
        instance.isDeleted = true
        return
      case 'forget':
        await sql`delete from operations where instance_key = ${id}`.execute(db)
        await sql`delete from instances where id = ${id}`.execute(db)
        instance.isDeleted = true
        return
      case 'adopt': {
        const organisationId = at([null, ...this.#organisations], b)
        await set(sql`organisation_id = ${organisationId}`)
        instance.place = { ...place, organisationId }
        return
      }
      default:
        return this.#changePlan(db, event, instance, b)
    }
  }

  async #changePlan(db: Db, event: string, instance: Modelled, b: number): Promise<void> {
    const { id, place, change } = instance
    if (event === 'begin change') {
      if (change !== undefined) return
      const others = this.#plans.filter(({ offeringId }) => offeringId === place.offeringId)
      instance.change = { id: randomUUID(), planId: at(others, b).planId }
      await beginChange(db, instance.change, id, place)
      return
    }
    if (change === undefined) return
    const isDone = event === 'end change'
    await db.transaction().execute(async (tx) => {
      await sql`update operations set state = ${isDone ? 'succeeded' : 'failed'}
        where id = ${change.id}`.execute(tx)
      if (isDone)
        await sql`update instances set plan_id = ${change.planId} where id = ${id}`.execute(tx)
    })
    instance.change = undefined
    if (isDone) instance.place = { ...place, planId: change.planId }
  }
}

async function beginChange(
  db: DbOrTx,
  { id, planId }: { readonly id: string; readonly planId: string },
  instanceKey: string,
  { platformId, providerId }: Place,
): Promise<void> {
  await sql`insert into operations (id, platform_id, provider_id, instance_key, instance_id, kind,
      state, fencing_token, deadline_at, accepts_incomplete, target_plan_id, created_at, updated_at)
    values (${id}, ${platformId}, ${providerId}, ${instanceKey}, ${instanceKey}, 'update',
      'waiting', 1, now(), true, ${planId}, now(), now())`.execute(db)
}
