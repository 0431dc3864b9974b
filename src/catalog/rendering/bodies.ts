// A catalog's bytes from its fragments, plain and as gzip (RFC 1951, 1952).
import { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import { createPacer } from '../pacer.ts'
import { append, shiftBy } from './crc32.ts'
import type { Deflate, Deflated } from './deflate.ts'
import { comma, type Fragment } from './sections.ts'

type Pieces = Iterable<Buffer> | AsyncIterable<Buffer>

const prefix = Buffer.from('{"services":[')
const suffix = Buffer.from(']}')

export function plainLength(fragments: readonly Fragment[]): number {
  const commas = Math.max(0, fragments.length - 1)
  return fragments.reduce((sum, { length }) => sum + length, prefix.length + commas + suffix.length)
}

export function* plainPieces(fragments: readonly Fragment[]): Generator<Buffer> {
  yield prefix
  for (const [index, fragment] of fragments.entries()) {
    if (index > 0) yield comma
    yield* fragment.pieces()
  }
  yield suffix
}

const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])
const trailerBytes = 8

/** A block of deflate that is not compressed. */
function storedBlock(text: Buffer, isLast = false): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(isLast ? 1 : 0, 0)
  head.writeUInt16LE(text.length, 1)
  head.writeUInt16LE(0xffff - text.length, 3)
  return Buffer.concat([head, text])
}

const gzipPrefix = Buffer.concat([gzipHeader, storedBlock(prefix)])
const gzipComma = storedBlock(comma)
const gzipSuffix = storedBlock(suffix, true)
const checked = (text: Buffer) => ({ crc: crc32(text), shift: shiftBy(text.length) })
const [checkedComma, checkedSuffix] = [checked(comma), checked(suffix)]

export interface GzipFacts {
  /** Length of the body. */
  readonly bytes: number
  /** Of the uncompressed text. */
  readonly crc: number
}

// Node compresses on four threads, and other work needs some.
const maxAtATime = 2

/** Compresses what is not compressed yet. */
export async function measureGzip(
  fragments: readonly Fragment[],
  deflate: Deflate,
): Promise<GzipFacts> {
  let bytes = gzipPrefix.length + gzipSuffix.length + trailerBytes
  let crc = crc32(prefix)
  const pause = createPacer()
  for (let at = 0; at < fragments.length; at += maxAtATime) {
    const batch = fragments.slice(at, at + maxAtATime).map(async (each) => deflate(each))
    for (const [index, deflated] of (await Promise.all(batch)).entries()) {
      if (at + index > 0) {
        bytes += gzipComma.length
        crc = append(crc, checkedComma)
      }
      bytes += deflated.bytes.length
      crc = append(crc, deflated)
    }
    await pause()
  }
  return { bytes, crc: append(crc, checkedSuffix) }
}

export async function* gzipPieces(
  fragments: readonly Fragment[],
  deflate: Deflate,
  { crc }: GzipFacts,
): AsyncGenerator<Buffer> {
  yield gzipPrefix
  for (const [index, fragment] of fragments.entries()) {
    if (index > 0) yield gzipComma
    const deflated: Deflated | Promise<Deflated> = deflate(fragment)
    yield deflated instanceof Promise ? (await deflated).bytes : deflated.bytes
  }
  const trailer = Buffer.alloc(trailerBytes)
  trailer.writeUInt32LE(crc, 0)
  trailer.writeUInt32LE(plainLength(fragments) % 2 ** 32, 4)
  yield gzipSuffix
  yield trailer
}

export async function joined(pieces: Pieces): Promise<Buffer> {
  const all: Buffer[] = []
  for await (const piece of pieces) all.push(piece)
  return Buffer.concat(all)
}

const chunkBytes = 131_072

/** Sends the pieces in chunks, as fast as they are read, and lets other work come between. */
export function streamed(pieces: Pieces): Readable {
  return Readable.from(chunks(pieces), { objectMode: false })
}

async function* chunks(pieces: Pieces): AsyncGenerator<Buffer> {
  const pause = createPacer()
  let waiting: Buffer[] = []
  let bytes = 0
  for await (const piece of pieces) {
    waiting.push(piece)
    bytes += piece.length
    if (bytes < chunkBytes) continue
    yield Buffer.concat(waiting)
    waiting = []
    bytes = 0
    await pause()
  }
  yield Buffer.concat(waiting)
}
