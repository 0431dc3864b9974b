import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, crc32, deflateRaw } from 'node:zlib'
import { createByteCache } from './byte-cache.ts'
import { shiftBy } from './crc32.ts'
import type { Fragment } from './sections.ts'

/** A fragment as a part of a gzip body that can follow any other. */
export interface Deflated {
  readonly bytes: Buffer
  readonly crc: number
  readonly shift: number
}

export type Deflate = (fragment: Fragment) => Deflated | Promise<Deflated>

const compress = promisify(deflateRaw)

// What an entry takes besides its bytes: keys, objects and the handle of a buffer. A text that
// compresses well is kept as a few bytes, so these alone would let the cache grow far beyond them.
const overheadBytes = 1_000

/**
 * Compresses each text once, off the main thread.
 * @param maxBytes  of all compressed texts; beyond it the least recently used ones are dropped
 */
export function createDeflate(maxBytes: number): Deflate {
  // By the digest of the text: a fragment leads to its offerings, and as a key would keep those of
  // catalogs that were replaced long ago.
  const ready = createByteCache<string, Deflated>(
    maxBytes,
    ({ bytes }) => bytes.length + overheadBytes,
  )
  const digests = new WeakMap<Fragment, string>()
  const underWay = new Map<Fragment, Promise<Deflated>>()

  const make = async (fragment: Fragment): Promise<Deflated> => {
    const text = Buffer.concat(fragment.pieces())
    const digest = digests.get(fragment) ?? createHash('sha256').update(text).digest('base64url')
    digests.set(fragment, digest)
    const equal = ready.get(digest)
    if (equal !== undefined) return equal
    // Ends on a whole byte and is not the last block, so that another may follow.
    const chunk = await compress(text, { finishFlush: constants.Z_SYNC_FLUSH })
    // A copy: zlib's own buffer is several times as large as its content.
    const bytes = Buffer.allocUnsafeSlow(chunk.length)
    chunk.copy(bytes)
    const deflated = { bytes, crc: crc32(text), shift: shiftBy(text.length) }
    ready.set(digest, deflated)
    return deflated
  }

  return (fragment) => {
    const known = ready.get(digests.get(fragment) ?? '') ?? underWay.get(fragment)
    if (known !== undefined) return known
    const making = make(fragment).finally(() => underWay.delete(fragment))
    underWay.set(fragment, making)
    return making
  }
}
