import { createSecretKey, type KeyObject } from 'node:crypto'
import { BrokerError } from '../errors.ts'

/** The operator's keys: the first is to seal, all open. */
export interface KeyRing {
  readonly current: string
  readonly keys: ReadonlyMap<string, KeyObject>
}

/**
 * Reads `id:base64`, with commas or line ends between; empty lines and those that begin with `#` are left out. An id is 1
 * to 32 letters, digits, `-` or `_`; a key is 32 bytes.
 * @param source  where it was found, for errors
 * @throws BrokerError `configuration` that says what is wrong, never the key itself
 */
export function parseKeyRing(text: string, source = 'KONTOR_KEYS'): KeyRing {
  const keys = new Map<string, KeyObject>()
  const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line))
  for (const [index, entry] of (lines.length === 0 ? [''] : lines).join(',').split(',').entries()) {
    const place = `${source} entry ${index + 1}`
    const [, id, encoded] =
      /^\s*([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_-]+={0,2})\s*$/.exec(entry) ?? []
    if (id === undefined || encoded === undefined)
      throw new BrokerError('configuration', `${place} is not of the form id:base64.`)
    if (keys.has(id)) throw new BrokerError('configuration', `${place} repeats the id "${id}".`)
    const key = Buffer.from(encoded, 'base64')
    if (key.length !== 32)
      throw new BrokerError(
        'configuration',
        `${place} ("${id}") is ${key.length} bytes long; it must be 32.`,
      )
    keys.set(id, createSecretKey(key))
  }
  const [current] = keys.keys()
  if (current === undefined) throw new BrokerError('configuration', `${source} holds no key.`)
  return { current, keys }
}
