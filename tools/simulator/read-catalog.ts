import { isObject } from './call.ts'
import type { OsbCatalog } from './types.ts'

/** As little as the simulator itself needs: a catalog that is wrong in other ways may be wanted. */
export function readCatalog(value: unknown): OsbCatalog {
  if (!isObject(value) || !Array.isArray(value['services']))
    throw new TypeError('The catalog must be an object with an array "services".')
  value['services'].forEach((offering: unknown, index) => {
    const at = `services[${index}]`
    if (!isObject(offering)) throw new TypeError(`${at} must be an object.`)
    if (typeof offering['id'] !== 'string' || offering['id'] === '')
      throw new TypeError(`${at}.id must be a non-empty string.`)
    if (typeof offering['name'] !== 'string') throw new TypeError(`${at}.name must be a string.`)
    if (!Array.isArray(offering['plans'])) throw new TypeError(`${at}.plans must be an array.`)
    if (!offering['plans'].every((plan) => isObject(plan) && typeof plan['id'] === 'string'))
      throw new TypeError(`Each of ${at}.plans must be an object with an id.`)
  })
  // The fields the simulator reads were looked at just now.
  return value as OsbCatalog
}
