import type { EventFilter } from '../../audit/reading/look-up-events.ts'
import { BrokerError } from '../../errors.ts'

/** The pattern of a time in a query; a day alone begins at midnight UTC. */
export const timePattern =
  '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,3})?)?(Z|[+-]\\d{2}:\\d{2}))?$'

/** @throws BrokerError `invalid_request` for what is no time, or one that Postgres cannot store */
export function inTime(filter: EventFilter): EventFilter {
  const exact = (name: 'from' | 'to') =>
    filter[name] === undefined ? {} : { [name]: timeOf(name, filter[name]) }
  return { ...filter, ...exact('from'), ...exact('to') }
}

/**
 * The time as Postgres takes it: the pattern allows a 13th month, and years that Postgres cannot
 * store or writes otherwise.
 * @throws BrokerError `invalid_request`
 */
function timeOf(name: string, text: string): string {
  const time = new Date(text)
  if (Number.isNaN(time.getTime()))
    throw new BrokerError('invalid_request', `${name} is not a time.`)
  const year = time.getUTCFullYear()
  if (year < 1 || year > 9999)
    throw new BrokerError('invalid_request', `${name} must be in the years 1 to 9999, in UTC.`)
  return time.toISOString()
}

/** As `timeOf`, of a parameter that may be absent. */
export function timeOrNone(name: string, text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(timeOf(name, text))
}
