// Blocks of an answer's body. A provider decides how long its chunks are: each byte may be one.

// Short bodies, which most are, need not have a whole block.
const firstBlockBytes = 4_096
const blockBytes = 65_536

/**
 * Takes the chunks of a body, and keeps what is shorter than a block together with its neighbours:
 * of `n` bytes there are at most `2 * n / blockBytes + 1` pieces, whatever the chunks are.
 */
export class BodyPieces {
  readonly #pieces: Buffer[] = []
  /** The bytes since the last piece; those after the first chunk in a buffer with free space. */
  #last: Buffer | undefined
  #block = Buffer.alloc(0)

  add(chunk: Buffer): void {
    if (this.#last === undefined || chunk.length >= blockBytes) {
      this.#endBlock()
      // Not copied, as long as no short one follows it.
      if (chunk.length >= blockBytes) this.#pieces.push(chunk)
      else this.#last = chunk
      return
    }
    const used = this.#last.length
    const fitting = Math.min(chunk.length, blockBytes - used)
    const length = used + fitting
    if (this.#last.buffer !== this.#block.buffer || length > this.#block.length)
      this.#grow(this.#last, length)
    chunk.copy(this.#block, used, 0, fitting)
    this.#last = this.#block.subarray(0, length)
    if (length < blockBytes) return
    this.#endBlock()
    if (fitting < chunk.length) this.#last = chunk.subarray(fitting)
  }

  /** All pieces, in order. Nothing may be added afterwards. */
  end(): readonly Buffer[] {
    this.#endBlock()
    return this.#pieces
  }

  #grow(used: Buffer, length: number): void {
    const bytes = Math.min(blockBytes, Math.max(firstBlockBytes, 2 * length))
    // Of its own: what shares the pool of Node cannot be transferred to a thread.
    const block = Buffer.allocUnsafeSlow(bytes)
    used.copy(block)
    this.#block = block
  }

  #endBlock(): void {
    if (this.#last !== undefined) this.#pieces.push(this.#last)
    this.#last = undefined
  }
}
