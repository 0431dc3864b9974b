// Kontor stores and shows a provider's messages. A message that repeats the request must not put a
// secret into the database or on a screen.

// Shorter texts are words: "large" must not vanish from every message.
const minSecretLength = 8
// A bound on the work: each text is searched for in each message.
const maxSecrets = 1_000
const replacement = '[redacted]'

/** The strings within a value, at any depth, that are long enough to be secrets. */
export function textsIn(value: unknown): string[] {
  const texts: string[] = []
  // Not by recursion: a platform's JSON nested a million deep would overflow the stack.
  const open: unknown[] = [value]
  while (open.length > 0 && texts.length < maxSecrets) {
    const next = open.pop()
    if (typeof next === 'string' && next.length >= minSecretLength) texts.push(next)
    else if (next !== null && typeof next === 'object')
      for (const part of Object.values(next)) open.push(part)
  }
  return texts
}

/** Replaces these texts in a message, also in their usual encodings (JSON, URL, base64, hex). */
export function redact(message: string, texts: readonly string[]): string {
  const forms = [...new Set(texts.flatMap(formsOf))].filter(
    (form) => form.length >= minSecretLength,
  )
  // The longest first, because one may be part of another.
  return forms
    .toSorted((a, b) => b.length - a.length)
    .reduce((rest, form) => redactTail(rest.replaceAll(form, replacement), form), message)
}

// A message may have been cut off in the middle of a secret.
function redactTail(message: string, form: string): string {
  const at = message.lastIndexOf(form.slice(0, minSecretLength))
  return at !== -1 && form.startsWith(message.slice(at))
    ? message.slice(0, at) + replacement
    : message
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
