// Release 0.1 named some nouns in the plural. Its spellings work for one more release; `--help` no
// longer lists them.
const nouns: Readonly<Record<string, string>> = {
  operations: 'operation',
  orphans: 'orphan',
  keys: 'key',
}

/**
 * Replaces a command's spelling of 0.1 by today's, and says so on standard error.
 * @param argv  as `process.argv`: the command's first word is the third item
 */
export function toCurrentSpelling(argv: readonly string[]): string[] {
  const [node = '', script = '', first = '', second = '', ...rest] = argv
  const current =
    first === 'platform' && second === 'credentials'
      ? [first, 'credential']
      : [nouns[first] ?? first, second]
  if (current[0] === first && current[1] === second) return [...argv]
  const spelled = (words: readonly string[]) => words.filter((word) => word !== '').join(' ')
  const former = first === 'platform' ? [first, second] : [first]
  process.stderr.write(
    `kontor: "${spelled(former)}" is now "${spelled(current.slice(0, former.length))}"; the ` +
      'old spelling goes with 0.3.\n',
  )
  return [node, script, ...current.filter((word) => word !== ''), ...rest]
}
