// A provider's sentences are kept and shown. One that repeats what it was sent must not carry a secret into either.

// Shorter ones are words: "large" must not vanish from every sentence.
const shortest = 8
// Each is looked for in each sentence.
const most = 1_000
const mark = '[redacted]'

/** The texts within a value, at any depth, that are long enough to be secrets. */
export function textsIn(value: unknown): string[] {
  const texts: string[] = []
  // Not by recursion: what a platform sends may be nested as deep as it likes.
  const open: unknown[] = [value]
  while (open.length > 0 && texts.length < most) {
    const next = open.pop()
    if (typeof next === 'string' && next.length >= shortest) texts.push(next)
    else if (next !== null && typeof next === 'object')
      for (const part of Object.values(next)) open.push(part)
  }
  return texts
}

/** A sentence without these texts, in whatever form somebody may have written them down. */
export function redact(sentence: string, texts: readonly string[]): string {
  const forms = [...new Set(texts.flatMap(formsOf))].filter((form) => form.length >= shortest)
  // The longest first: one may be a part of another.
  return forms
    .toSorted((a, b) => b.length - a.length)
    .reduce((rest, form) => withoutTail(rest.replaceAll(form, mark), form), sentence)
}

// A sentence may have been cut in the middle of it.
function withoutTail(sentence: string, form: string): string {
  const at = sentence.lastIndexOf(form.slice(0, shortest))
  return at !== -1 && form.startsWith(sentence.slice(at)) ? sentence.slice(0, at) + mark : sentence
}

function formsOf(text: string): string[] {
  const bytes = Buffer.from(text)
  const encoded = encodeURIComponent(text.toWellFormed())
  return [
    text,
    JSON.stringify(text).slice(1, -1),
    text.replaceAll(/\s+/g, ' ').trim(),
    encoded,
    encoded.replaceAll(/%../g, (byte) => byte.toLowerCase()),
    new URLSearchParams([['', text]]).toString().slice(1),
    bytes.toString('base64'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
  ]
}
