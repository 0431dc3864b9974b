/**
 * Pieces of bytes with buffers of their own, which can be transferred to a thread and so leave
 * nothing here to be collected: the memory of buffers that die here makes V8 collect the whole heap
 * of this thread, again and again while a provider sends megabytes. What shares its buffer with
 * others is copied, and so is what is empty: a program may have one empty buffer for all uses.
 */
export function ownPieces(pieces: readonly Uint8Array[]): Array<Uint8Array<ArrayBuffer>> {
  return pieces.map((piece) => {
    const { buffer } = piece
    const isOwn = piece.byteLength > 0 && buffer.byteLength === piece.byteLength
    return isOwn && buffer instanceof ArrayBuffer ? new Uint8Array(buffer) : new Uint8Array(piece)
  })
}
