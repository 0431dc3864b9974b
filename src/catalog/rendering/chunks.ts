const chunkBytes = 131_072

/** The bytes of the pieces in chunks, so that no step of hashing or compressing takes long. */
export function* chunksOf(pieces: Iterable<Buffer>): Generator<Buffer> {
  let waiting: Buffer[] = []
  let bytes = 0
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + chunkBytes - bytes)
      waiting.push(part)
      bytes += part.length
      at += part.length
      if (bytes < chunkBytes) continue
      yield Buffer.concat(waiting)
      waiting = []
      bytes = 0
    }
  }
  if (bytes > 0) yield Buffer.concat(waiting)
}
