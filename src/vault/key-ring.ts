import { createSecretKey, type KeyObject } from 'node:crypto'
import { BrokerError } from '../errors.ts'

/** The operator's keys: Kontor seals with the first and opens with all of them. */
export interface KeyRing {
  readonly current: string
  readonly keys: ReadonlyMap<string, KeyObject>
}

/**
 * Parses entries `id:base64`, separated by commas or line ends; skips empty lines and those that
 * begin with `#`. An id is 1 to 32 letters, digits, `-` or `_`; a key is 32 bytes.
 * @param source  names the origin of the text in errors
 * @throws BrokerError `configuration` that says what is wrong, without the key itself
 */
export function parseKeyRing(text: string, source = 'KONTOR_KEYS'): KeyRing {
  const keys = new Map<string, KeyObject>()
  const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line))
  for (const [index, entry] of (lines.length === 0 ? [''] : lines).join(',').split(',').entries()) {
    const location = `${source} entry ${index + 1}`
    const [, id, encoded] =
      /^\s*([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_-]+={0,2})\s*$/.exec(entry) ?? []
    if (id === undefined || encoded === undefined)
      throw new BrokerError('configuration', `${location} is not of the form id:base64.`)
    if (keys.has(id)) throw new BrokerError('configuration', `${location} repeats the id "${id}".`)
    const key = Buffer.from(encoded, 'base64')
    if (key.length !== 32)
      throw new BrokerError(
        'configuration',
        `${location} ("${id}") is ${key.length} bytes long; it must be 32.`,
      )
    keys.set(id, createSecretKey(key))
  }
  const [current] = keys.keys()
  if (current === undefined) throw new BrokerError('configuration', `${source} contains no key.`)
  return { current, keys }
}
