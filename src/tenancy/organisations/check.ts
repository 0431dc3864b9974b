import { BrokerError } from '../../errors.ts'
import type { CostCentre } from '../../types.gen.ts'
import { parseLeitwegId } from '../leitweg-id.ts'

/** @throws BrokerError `invalid_request` */
export function checkedLeitwegId(given: string | null): string | null {
  if (given === null) return null
  const id = parseLeitwegId(given)
  if (id === undefined)
    throw new BrokerError(
      'invalid_request',
      'leitwegId is no Leitweg-ID: 2 to 12 digits, perhaps a hyphen and up to 30 letters and ' +
        'digits, a hyphen and two check digits that fit the rest.',
    )
  return id
}

/** @throws BrokerError `invalid_request` when two cost centres have the same id */
export function checkedCostCentres(given: readonly CostCentre[]): readonly CostCentre[] {
  const ids = new Set<string>()
  for (const { id } of given) {
    if (ids.has(id))
      throw new BrokerError('invalid_request', `costCentres has the id "${id}" twice.`)
    ids.add(id)
  }
  return given
}
