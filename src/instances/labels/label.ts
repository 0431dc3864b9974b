// The alphabet and the lengths of Kubernetes labels.
import { BrokerError } from '../../errors.ts'

export const maxLabels = 32

const name = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const domain =
  /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)*$/

/** A name, or a name below a domain: `env`, `app.musterstadt.example/team`. */
function isLabelKey(key: string): boolean {
  const parts = key.split('/')
  const last = parts.at(-1) ?? ''
  return parts.length <= 2 && name.test(last) && (parts.length === 1 || domain.test(parts[0] ?? ''))
}

/** Empty, or a name. */
function isLabelValue(value: string): boolean {
  return value === '' || name.test(value)
}

/** @throws BrokerError `invalid_request` that names the field */
export function assertLabel(field: string, key: string, value: string | null): void {
  if (!isLabelKey(key))
    throw new BrokerError(
      'invalid_request',
      `${field}: "${key}" is not the key of a label: letters, digits, "-", "_" and ".", at most ` +
        '63, which begins and ends with a letter or a digit; a domain and "/" may stand before it.',
    )
  if (value !== null && !isLabelValue(value))
    throw new BrokerError(
      'invalid_request',
      `${field}: "${value}" is not the value of a label: letters, digits, "-", "_" and ".", at ` +
        'most 63, which begins and ends with a letter or a digit.',
    )
}
