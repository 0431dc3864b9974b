// What the main thread and the thread that renders plans say to each other. Texts cross as bytes
// only: to clone the objects of many plans would block the event loop.

/** Texts one after the other, in a buffer of their own that can be transferred. */
export interface PackedTexts {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Where each text ends. */
  readonly ends: Uint32Array<ArrayBuffer>
}

/** Plans of one provider to be written for Cloud Foundry. The bytes are transferred. */
export interface RenderingTask {
  /** Each as the standard dialect writes it. */
  readonly plans: PackedTexts
  /** Leaves all parameter schemas out: to rewrite them took too long, or too much memory. */
  readonly omitsSchemas: boolean
}

/** What became of a plan. */
export const results = ['rewritten', 'same', 'schemas omitted', 'not written'] as const
export type Result = (typeof results)[number]

export interface RenderingAnswer {
  readonly kind: 'rendered'
  /** Empty for a plan that is the same, or not written. */
  readonly plans: PackedTexts
  /** For each plan the index of its result. */
  readonly results: Uint8Array<ArrayBuffer>
}

export function pack(texts: readonly Uint8Array[]): PackedTexts {
  const bytes = new Uint8Array(texts.reduce((sum, { length }) => sum + length, 0))
  const ends = new Uint32Array(texts.length)
  let at = 0
  for (const [index, text] of texts.entries()) {
    bytes.set(text, at)
    at += text.length
    ends[index] = at
  }
  return { bytes, ends }
}

/** The texts, which share the bytes. */
export function unpack({ bytes, ends }: PackedTexts): Buffer[] {
  const all = Buffer.from(bytes.buffer)
  return Array.from(ends, (end, index) => all.subarray(ends[index - 1] ?? 0, end))
}

export function buffersOf({ bytes, ends }: PackedTexts): ArrayBuffer[] {
  return [bytes.buffer, ends.buffer]
}
