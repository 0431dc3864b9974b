import { BrokerError } from '../errors.ts'

/**
 * For what cannot be retired while it has live instances.
 * @param explain  the error's sentence, for `1 instance` and `it`, or `5 instances` and `them`
 * @throws BrokerError `in_use`
 */
export function assertNoInstances(
  instances: number,
  explain: (count: string, them: string) => string,
): void {
  if (instances === 0) return
  const [count, them] = instances === 1 ? ['1 instance', 'it'] : [`${instances} instances`, 'them']
  throw new BrokerError('in_use', explain(count, them))
}
