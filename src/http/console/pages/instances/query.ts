// The address of a list holds all of its state, so that it can be kept and sent on.
import { isUuid } from '../../../../ids.ts'
import type { InstanceState } from '../../../../types.gen.ts'
import type { Asked } from '../../asked.ts'

/** Filters that stand in an address as they are. */
export const nameFilters = ['offering', 'plan', 'platform', 'provider'] as const

export const instanceStates: readonly InstanceState[] = ['ready', 'provisioning', 'failed', 'gone']

const maxText = 255
const maxWords = 200
const dayMs = 86_400_000
const expiringDays = 30

export type ListField = readonly [name: string, value: string]

export interface ListAddress {
  /** Names and values, without the place in the list. */
  readonly fields: readonly ListField[]
  readonly filter: {
    readonly q?: string
    readonly organisation?: string
    readonly offering?: string
    readonly plan?: string
    readonly platform?: string
    readonly provider?: string
  }
  readonly state: InstanceState | undefined
  readonly expiresBefore: Date | undefined
  readonly before: string | undefined
}

/** What an address asks for; what it holds beyond that is left out. */
export function addressOf({ request, deps }: Asked): ListAddress {
  const given = request.query as Record<string, string | string[] | undefined>
  const valueOf = (name: string, max: number) => [given[name] ?? []].flat()[0]?.slice(0, max) ?? ''
  const names = ['q', 'organisation', ...nameFilters] as const
  const pairs = names.flatMap((name): ListField[] => {
    const value = valueOf(name, name === 'q' ? maxWords : maxText).trim()
    return value === '' ? [] : [[name, value]]
  })
  const state = instanceStates.find((each) => each === valueOf('state', maxText))
  const isExpiring = valueOf('expiring', maxText) !== ''
  const cursor = valueOf('cursor', maxText)
  return {
    fields: [
      ...pairs,
      ...(state === undefined ? [] : [['state', state] as const]),
      ...(isExpiring ? [['expiring', '1'] as const] : []),
    ],
    filter: Object.fromEntries(pairs),
    state,
    expiresBefore: isExpiring ? new Date(deps.now().getTime() + expiringDays * dayMs) : undefined,
    before: isUuid(cursor) ? cursor : undefined,
  }
}

/** The fields with this one instead of its former value; undefined: without it. */
export function withField(
  fields: readonly ListField[],
  name: string,
  value: string | undefined,
): readonly ListField[] {
  const others = fields.filter(([each]) => each !== name)
  return value === undefined ? others : [...others, [name, value]]
}
