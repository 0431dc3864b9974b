import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import {
  gzipPieces,
  joined,
  measureGzip,
  plainLength,
  plainPieces,
  streamed,
  type GzipFacts,
} from './rendering/bodies.ts'
import { createByteCache, type ByteCache } from './rendering/byte-cache.ts'
import { createDeflate, type Deflate } from './rendering/deflate.ts'
import type { PartView } from './rendering/part-view.ts'
import type { Fragment } from './rendering/sections.ts'

// Clients of service brokers are written in Go, Ruby, Java and Python, which ask for gzip or for
// nothing.
export type Encoding = 'identity' | 'gzip'

/** A small body is one buffer; a large one is made while it is sent. */
export type CatalogBody = Buffer | { readonly length: number; open(): Readable }

/** A catalog as some platforms see it. */
export interface RenderedCatalog {
  /** A strong ETag belongs to one representation only. */
  readonly etags: Readonly<Record<Encoding, string>>
  /** A promise only if it is not in memory. */
  body(encoding: Encoding): CatalogBody | Promise<CatalogBody>
}

/** The catalog, ready to be sent. */
export interface ServedCatalog extends RenderedCatalog {
  /**
   * In whole seconds, as in HTTP. Undefined: a date cannot tell whether the catalog has changed.
   */
  readonly lastModified: Date | undefined
}

const maxWholeBytes = 1_000_000
// About three hundred different catalogs of two hundred plans, plain and compressed.
const maxBytesOfWholes = 48_000_000
const maxBytesOfDeflated = 96_000_000

export type RenderCatalog = (parts: readonly PartView[]) => RenderedCatalog

interface Caches {
  readonly deflate: Deflate
  /** Small bodies by their tag, so that equal catalogs share them. */
  readonly wholes: ByteCache<string, Buffer>
}

/** @returns a function that joins parts, whose compressed pieces all catalogs share */
export function createRenderCatalog(): RenderCatalog {
  const caches: Caches = {
    deflate: createDeflate(maxBytesOfDeflated),
    wholes: createByteCache(maxBytesOfWholes, ({ length }) => length),
  }
  return (parts) => {
    const fragments = parts.flatMap((part) => part.fragments)
    return rendered(tagOf(parts), fragments, caches)
  }
}

function rendered(
  tag: string,
  fragments: readonly Fragment[],
  { deflate, wholes }: Caches,
): RenderedCatalog {
  const etags = { identity: `"${tag}"`, gzip: `"${tag}-gzip"` }
  const length = plainLength(fragments)
  const isLarge = length > maxWholeBytes
  let facts: GzipFacts | undefined

  const measured = async (): Promise<GzipFacts> => (facts ??= await measureGzip(fragments, deflate))
  const piecesOf = {
    identity: () => plainPieces(fragments),
    async *gzip() {
      yield* gzipPieces(fragments, deflate, await measured())
    },
  }
  const makeWhole = async (encoding: Encoding): Promise<Buffer> => {
    const whole = await joined(piecesOf[encoding]())
    wholes.set(etags[encoding], whole)
    return whole
  }
  const large = (encoding: Encoding, bytes: number): CatalogBody => ({
    length: bytes,
    open: () => streamed(piecesOf[encoding]()),
  })
  return {
    etags,
    body(encoding) {
      if (!isLarge) return wholes.get(etags[encoding]) ?? makeWhole(encoding)
      if (encoding === 'identity') return large(encoding, length)
      return facts === undefined
        ? measured().then(({ bytes }) => large(encoding, bytes))
        : large(encoding, facts.bytes)
    },
  }
}

function tagOf(parts: readonly PartView[]): string {
  const hash = createHash('sha256')
  for (const { digest, fragments } of parts) if (fragments.length > 0) hash.update(digest)
  return hash.digest('base64url').slice(0, 27)
}
