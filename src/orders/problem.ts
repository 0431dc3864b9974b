import type { BrokerError } from '../errors.ts'
import type { OrderProblem } from '../types.gen.ts'

/**
 * @param field   JSON pointer into the order; null: of none
 * @param values  what a sentence about it names
 */
export function problemOf(
  code: string,
  field: string | null,
  detail: string,
  values: OrderProblem['values'] = {},
): OrderProblem {
  return { code, field, values, detail }
}

/** A refusal of an order, as a problem; one of parameters names the field in them. */
export function problemOfError({ code, message, details }: BrokerError): OrderProblem {
  const { fault } = details
  if (fault === undefined) return problemOf(code, null, message)
  const { instancePath, keyword, params } = fault
  return problemOf(code, `/parameters${instancePath}`, message, { keyword, ...params })
}
