import { BrokerError } from '../../errors.ts'
import { assertLabel } from './label.ts'

/** One of the requirements of a selector, all of which have to be met. */
export interface Requirement {
  readonly key: string
  /** `in` and `not in` compare with the values; `exists` and `missing` have none. */
  readonly kind: 'in' | 'not in' | 'exists' | 'missing'
  readonly values: readonly string[]
}

const maxRequirements = 20
const maxValues = 50

/**
 * Reads a label query as Kubernetes writes them: `env=prod,team!=x,tier in (a,b),!trial`. As there,
 * `!=` and `notin` also hold without the label.
 * @throws BrokerError `invalid_request` that names what cannot be read
 */
export function readSelector(text: string): readonly Requirement[] {
  // A comma between brackets separates values.
  const parts = text.split(/,(?![^(]*\))/).map((part) => part.trim())
  if (parts.length > maxRequirements)
    throw new BrokerError('invalid_request', `labels: at most ${maxRequirements} are allowed.`)
  return parts.map(readRequirement)
}

function readRequirement(part: string): Requirement {
  const set = /^([^\s=!(),]+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(part)
  const equality = /^([^\s=!(),]+)\s*(==?|!=)\s*([^\s=!(),]*)$/.exec(part)
  const presence = /^(!?)\s*([^\s=!(),]+)$/.exec(part)
  if (set !== null) {
    const [, key = '', word, list = ''] = set
    const values = list.split(',').map((value) => value.trim())
    return checked({ key, kind: word === 'in' ? 'in' : 'not in', values })
  }
  if (equality !== null) {
    const [, key = '', sign, value = ''] = equality
    return checked({ key, kind: sign === '!=' ? 'not in' : 'in', values: [value] })
  }
  if (presence !== null) {
    const [, not, key = ''] = presence
    return checked({ key, kind: not === '!' ? 'missing' : 'exists', values: [] })
  }
  throw new BrokerError(
    'invalid_request',
    `labels: "${part}" is none of key=value, key!=value, key in (a,b), key notin (a,b), key, !key.`,
  )
}

function checked(requirement: Requirement): Requirement {
  const { key, values } = requirement
  if (values.length > maxValues)
    throw new BrokerError('invalid_request', `labels: at most ${maxValues} values are allowed.`)
  assertLabel('labels', key, null)
  for (const value of values) assertLabel('labels', key, value)
  return requirement
}
