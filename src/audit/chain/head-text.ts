import { BrokerError } from '../../errors.ts'
import type { Head } from '../event.ts'

/** A head as people note it: `position:hash`. */
export function formatHead({ position, hash }: Head): string {
  return `${position}:${hash.toString('hex')}`
}

/** @throws BrokerError `invalid_request` for any other text */
export function parseHead(text: string): Head {
  const [, position, hash] = /^(\d{1,15}):([0-9a-f]{64})$/i.exec(text.trim()) ?? []
  if (position === undefined || hash === undefined)
    throw new BrokerError(
      'invalid_request',
      'A head is a position, a colon and 64 hexadecimal digits, as "kontor audit verify" ' +
        'prints it.',
    )
  return { position: Number(position), hash: Buffer.from(hash, 'hex') }
}
