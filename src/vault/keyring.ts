import { createSecretKey, type KeyObject } from 'node:crypto'
import { BrokerError } from '../errors.ts'

/** The operator's keys: the first seals, all open. */
export interface KeyRing {
  readonly current: string
  readonly keys: ReadonlyMap<string, KeyObject>
}

/**
 * Reads `id:base64[,id:base64...]`. An id is 1 to 32 letters, digits, `-` or `_`; a key is 32 bytes.
 * @throws BrokerError `configuration` that says what is wrong, never the key itself
 */
export function parseKeyRing (text: string): KeyRing {
  const keys = new Map<string, KeyObject>()
  for (const [index, entry] of text.split(',').entries()) {
    const place = `KONTOR_KEYS entry ${index + 1}`
    const [, id, encoded] = /^\s*([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_-]+={0,2})\s*$/.exec(entry) ?? []
    if (id === undefined || encoded === undefined) throw new BrokerError('configuration', `${place} is not of the form id:base64.`)
    if (keys.has(id)) throw new BrokerError('configuration', `${place} repeats the id "${id}".`)
    const key = Buffer.from(encoded, 'base64')
    if (key.length !== 32) throw new BrokerError('configuration', `${place} ("${id}") is ${key.length} bytes long; it must be 32.`)
    keys.set(id, createSecretKey(key))
  }
  const [current] = keys.keys()
  if (current === undefined) throw new BrokerError('configuration', 'KONTOR_KEYS holds no key.')
  return { current, keys }
}
