import type { Platform } from './platform.ts'

const states = ['active', 'suspended', 'retired'] as const

/** Whether a change of a platform or organisation suspends or retires it, and does nothing else. */
export function takesAway(change: { readonly state?: Platform['state'] }): boolean {
  return Object.keys(change).join() === 'state' && change.state !== 'active'
}

/**
 * What is known of platforms or organisations, with the states of right rows that take away more: a
 * suspension holds at once, even while it is not known what else has changed in their table.
 */
export function withRestrictions<Row extends Pick<Platform, 'state'>>(
  known: ReadonlyMap<string, Row>,
  rows: ReadonlyMap<string, Row>,
  damaged: ReadonlySet<string>,
): ReadonlyMap<string, Row> {
  const restricted = [...known].map(([id, row]): [string, Row] => {
    const state = damaged.has(id) ? undefined : rows.get(id)?.state
    const isMore = state !== undefined && states.indexOf(state) > states.indexOf(row.state)
    return [id, isMore ? { ...row, state } : row]
  })
  return new Map(restricted)
}
