import { createHash } from 'node:crypto'
import type { CatalogMode, OsbCatalog, OsbOffering, OsbPlan, ServiceBehaviour } from './types.ts'

export interface PublishedCatalog {
  body: Buffer
  etag: string
  contentType: string
}

export interface CatalogShelf {
  base: OsbCatalog
  mode: CatalogMode
  without: string[]
  /**
   * Every offering ever shown, by id: what left the catalog can still be polled, unbound and
   * deprovisioned.
   */
  known: Map<string, OsbOffering>
  /** Changed id -> the id that the behaviours are filed under. */
  origin: Map<string, string>
  published?: PublishedCatalog
}

export function createShelf(base: OsbCatalog): CatalogShelf {
  const shelf: CatalogShelf = {
    base,
    mode: 'normal',
    without: [],
    known: new Map(),
    origin: new Map(),
  }
  remember(shelf, base.services)
  return shelf
}

export function replaceCatalog(shelf: CatalogShelf, base: OsbCatalog): void {
  shelf.base = base
  remember(shelf, base.services)
  delete shelf.published
}

export function setCatalogMode(shelf: CatalogShelf, mode: CatalogMode, without: string[]): void {
  shelf.mode = mode
  shelf.without = without
  remember(shelf, listOffered(shelf))
  delete shelf.published
}

/** What may be ordered now. html, invalid and double_ids spoil only what is shown. */
export function findOffered(shelf: CatalogShelf, serviceId: string): OsbOffering | undefined {
  return listOffered(shelf).find((offering) => offering.id === serviceId)
}

export function findKnown(shelf: CatalogShelf, serviceId: string): OsbOffering | undefined {
  return shelf.known.get(serviceId)
}

export function findPlan(offering: OsbOffering | undefined, planId: string): OsbPlan | undefined {
  return offering?.plans.find((plan) => plan.id === planId)
}

export function findBehaviour(
  shelf: CatalogShelf,
  behaviours: Record<string, ServiceBehaviour>,
  serviceId: string,
): ServiceBehaviour {
  const origin = shelf.origin.get(serviceId) ?? serviceId
  return behaviours[origin] ?? behaviours['*'] ?? { mode: 'sync' }
}

export function publishCatalog(shelf: CatalogShelf): PublishedCatalog {
  shelf.published ??= renderCatalog(shelf)
  return shelf.published
}

function remember(shelf: CatalogShelf, offerings: OsbOffering[]): void {
  for (const offering of offerings) {
    const old = shelf.known.get(offering.id)?.plans ?? []
    const plans = Array.isArray(offering.plans) ? offering.plans : []
    const gone = old.filter((plan) => !plans.some(({ id }) => id === plan.id))
    shelf.known.set(offering.id, { ...offering, plans: [...plans, ...gone] })
  }
}

function listOffered(shelf: CatalogShelf): OsbOffering[] {
  const { services } = shelf.base
  if (shelf.mode === 'empty') return []
  if (shelf.mode === 'change_ids') return services.map((offering) => changeIds(shelf, offering))
  if (shelf.mode !== 'shrink') return services
  if (shelf.without.length > 0) return services.filter(({ name }) => !shelf.without.includes(name))
  return services.slice(Math.ceil(services.length / 2))
}

function changeIds(shelf: CatalogShelf, offering: OsbOffering): OsbOffering {
  const id = deriveId(offering.id)
  shelf.origin.set(id, offering.id)
  return {
    ...offering,
    id,
    plans: offering.plans.map((plan) => ({ ...plan, id: deriveId(plan.id) })),
  }
}

function deriveId(id: string): string {
  const hex = createHash('sha1').update(`changed:${id}`).digest('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}

function renderCatalog(shelf: CatalogShelf): PublishedCatalog {
  const isHtml = shelf.mode === 'html'
  const text = isHtml
    ? '<!doctype html><title>Maintenance</title><p>This data centre is being maintained.</p>'
    : JSON.stringify({ ...shelf.base, services: spoil(shelf.mode, listOffered(shelf)) })
  const body = Buffer.from(text)
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`
  return { body, etag, contentType: isHtml ? 'text/html; charset=utf-8' : 'application/json' }
}

function spoil(mode: CatalogMode, offerings: OsbOffering[]): unknown[] {
  if (mode === 'double_ids') return doubleIds(offerings)
  if (mode !== 'invalid') return offerings
  // One fault per offering, in turn; from the fifth on they are sound, so a reader can prove that
  // it keeps those.
  const faults: unknown[] = [{ name: '' }, { plans: [] }, { bindable: 'yes' }, { id: 7 }]
  return offerings.map((offering, index) => ({
    ...offering,
    ...(faults[index] as object | undefined),
  }))
}

function doubleIds(offerings: OsbOffering[]): OsbOffering[] {
  const first = offerings[0]
  if (first === undefined) return []
  const second = offerings[1] ?? { ...first, name: `${first.name}-again` }
  return [first, { ...second, id: first.id }, ...offerings.slice(2)]
}
