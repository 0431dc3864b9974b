import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, crc32, deflateRaw } from 'node:zlib'
import { createPacer } from '../pacer.ts'
import { createByteCache } from './byte-cache.ts'
import { chunksOf } from './chunks.ts'
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
  const pause = createPacer()

  const digestOf = async (fragment: Fragment): Promise<string> => {
    const hash = createHash('sha256')
    for (const chunk of chunksOf(fragment.pieces())) {
      hash.update(chunk)
      await pause()
    }
    return hash.digest('base64url')
  }

  const make = async (fragment: Fragment): Promise<Deflated> => {
    const digest = digests.get(fragment) ?? (await digestOf(fragment))
    digests.set(fragment, digest)
    const equal = ready.get(digest)
    if (equal !== undefined) return equal
    const chunks: Buffer[] = []
    let crc = 0
    for (const text of chunksOf(fragment.pieces())) {
      crc = crc32(text, crc)
      // Ends on a whole byte and is not the last block, so that another may follow.
      chunks.push(await compress(text, { finishFlush: constants.Z_SYNC_FLUSH }))
    }
    // A copy: zlib's own buffers are several times as large as their content.
    const bytes = Buffer.allocUnsafeSlow(chunks.reduce((sum, { length }) => sum + length, 0))
    chunks.reduce((at, chunk) => at + chunk.copy(bytes, at), 0)
    const deflated = { bytes, crc, shift: shiftBy(fragment.length) }
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
