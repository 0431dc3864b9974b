// What the main thread and the thread that reads a page of an inventory say to each other. Pages
// cross as bytes only: to clone their objects would block the event loop.
import { dropNulls } from '../../drop-nulls.ts'
import { describeError, validatorOf } from '../../schemas.ts'
import { validateValue } from '../../storable.ts'
import { checkSize } from '../../threads/check-size.ts'
import type { OsbInventory } from '../../types.gen.ts'
import type { ListedInstance } from '../backend.ts'
import { parseObject } from '../parse-object.ts'

/** A page to be read. The bytes are transferred: the sender loses them. */
export interface PageTask {
  /** In pieces, as they arrived. */
  readonly body: ReadonlyArray<Uint8Array<ArrayBuffer>>
}

export type PageAnswer =
  | {
      readonly kind: 'read'
      /** Lists of `ListedInstance` as JSON, each of bounded size. */
      readonly portions: ReadonlyArray<Uint8Array<ArrayBuffer>>
      readonly next?: string
    }
  /** A sentence without its full stop, for an operator. */
  | { readonly kind: 'unusable'; readonly description: string }

// Small enough that the main thread parses one in a few milliseconds.
const maxPortionCharacters = 65_536
const minMaxValues = 50_000

/** Parses and checks a page of an inventory. Takes long. */
export function readPage({ body: pieces }: PageTask): PageAnswer {
  const body = Buffer.concat(pieces)
  // An honest page has one value for twenty bytes or more.
  const maxValues = Math.max(minMaxValues, Math.floor(body.length / 8))
  const tooLarge = checkSize('the answer', body, maxValues)
  if (tooLarge !== undefined) return unusable(tooLarge)
  const parsed = parseObject(body)
  if (typeof parsed === 'string') return unusable(parsed)
  const isInventory = validatorOf('osb-inventory')
  const { value: inventory } = dropNulls('osb-inventory', parsed)
  if (!isInventory(inventory)) return unusable(describeError(isInventory.errors?.[0], 'the answer'))
  // Kontor stores the ids.
  if (validateValue(inventory.instances, 'the answer') !== undefined)
    return unusable('the answer holds text that cannot be stored')
  return {
    kind: 'read',
    portions: portionsOf(inventory.instances.map(listedInstance)),
    ...(inventory.next ? { next: inventory.next } : {}),
  }
}

function listedInstance(item: OsbInventory['instances'][number]): ListedInstance {
  const {
    instance_id: instanceId,
    service_id: serviceId,
    plan_id: planId,
    bindings: bindingIds,
  } = item
  return {
    instanceId,
    ...(serviceId === undefined ? {} : { serviceId }),
    ...(planId === undefined ? {} : { planId }),
    ...(bindingIds === undefined ? {} : { bindingIds }),
  }
}

function portionsOf(instances: readonly ListedInstance[]): Array<Uint8Array<ArrayBuffer>> {
  const portions: Array<Uint8Array<ArrayBuffer>> = []
  let texts: string[] = []
  let characters = 0
  const close = (): void => {
    if (texts.length > 0) portions.push(new TextEncoder().encode(`[${texts.join(',')}]`))
    texts = []
    characters = 0
  }
  for (const instance of instances) {
    const text = JSON.stringify(instance)
    if (characters + text.length > maxPortionCharacters) close()
    texts.push(text)
    characters += text.length
  }
  close()
  return portions
}

function unusable(description: string): PageAnswer {
  return { kind: 'unusable', description }
}
