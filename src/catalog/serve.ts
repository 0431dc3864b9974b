import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { planIn, type Dialect } from './dialect.ts'
import type { CatalogSnapshot } from './snapshot.ts'

export type Encoding = 'identity' | 'gzip' | 'br'

/**
 * One representation of the catalog, ready to be sent. A strong ETag belongs to one representation
 * only.
 */
export interface Representation {
  readonly encoding: Encoding
  readonly body: Buffer
  readonly etag: string
}

/** The catalog as bytes. */
export interface RenderedCatalog {
  readonly representations: Readonly<Record<Encoding, Representation>>
  /** The tags of all representations: a client that has any of them has this catalog. */
  readonly etags: ReadonlySet<string>
}

/** The catalog, ready to be sent. */
export interface ServedCatalog extends RenderedCatalog {
  /**
   * In whole seconds, as in HTTP. Undefined: a date cannot tell whether the catalog has changed.
   */
  readonly lastModified: Date | undefined
}

const compressGzip = promisify(gzip)
const compressBrotli = promisify(brotliCompress)

/**
 * Renders the bytes once per change, so that a request only sends them.
 * @param shown ids of the plans that it contains; default: all published ones
 * @param dialect of the platforms that it is for
 */
export async function renderCatalog(
  snapshot: CatalogSnapshot,
  shown?: ReadonlySet<string>,
  dialect: Dialect = 'any',
): Promise<RenderedCatalog> {
  const services = publishedServices(snapshot, shown, dialect)
  const body = Buffer.from(JSON.stringify({ services }))
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 27)
  const representation = (encoding: Encoding, bytes: Buffer): Representation => ({
    encoding,
    body: bytes,
    etag: encoding === 'identity' ? `"${hash}"` : `"${hash}-${encoding}"`,
  })
  const [zipped, squeezed] = await Promise.all([
    compressGzip(body, { level: 9 }),
    compressBrotli(body, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 9,
        [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
      },
    }),
  ])
  const representations = {
    identity: representation('identity', body),
    gzip: representation('gzip', zipped),
    br: representation('br', squeezed),
  }
  return {
    representations,
    etags: new Set(Object.values(representations).map(({ etag }) => etag)),
  }
}

function publishedServices(
  snapshot: CatalogSnapshot,
  shown: ReadonlySet<string> | undefined,
  dialect: Dialect,
): unknown[] {
  return [...snapshot.offerings.values()].flatMap((offering) => {
    const plans = offering.plans
      .filter((plan) => plan.isPublished && (shown === undefined || shown.has(plan.id)))
      .map((plan) => ({ id: plan.id, name: plan.name, ...planIn(dialect, plan.body) }))
    return plans.length === 0
      ? []
      : [{ id: offering.id, name: offering.name, ...offering.body, plans }]
  })
}
