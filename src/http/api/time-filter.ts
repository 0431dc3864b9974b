import type { EventFilter } from '../../audit/reading/look-up-events.ts'
import { BrokerError } from '../../errors.ts'

/** @throws BrokerError `invalid_request` for what is no time, or one that Postgres cannot store */
export function inTime(filter: EventFilter): EventFilter {
  const exact = (name: 'from' | 'to') =>
    filter[name] === undefined ? {} : { [name]: timeOf(name, filter[name]) }
  return { ...filter, ...exact('from'), ...exact('to') }
}

// The pattern of the schema allows a 13th month, and years that Postgres cannot store or writes
// otherwise.
function timeOf(name: string, text: string): string {
  const time = new Date(text)
  if (Number.isNaN(time.getTime()))
    throw new BrokerError('invalid_request', `${name} is not a time.`)
  const year = time.getUTCFullYear()
  if (year < 1 || year > 9999)
    throw new BrokerError('invalid_request', `${name} must be in the years 1 to 9999, in UTC.`)
  return time.toISOString()
}
