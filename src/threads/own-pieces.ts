/**
 * Pieces of bytes with buffers of their own, which can be transferred to a thread and so leave
 * nothing here to be collected: the memory of buffers that die here makes V8 collect the whole heap
 * of this thread, again and again while a provider sends megabytes. What shares its buffer with
 * others is copied.
 */
export function ownPieces(pieces: readonly Uint8Array[]): Array<Uint8Array<ArrayBuffer>> {
  return pieces.map((piece) => {
    const { buffer } = piece
    return buffer instanceof ArrayBuffer && buffer.byteLength === piece.byteLength
      ? new Uint8Array(buffer)
      : new Uint8Array(piece)
  })
}
