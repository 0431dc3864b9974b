const base = 'http://local.invalid'

/**
 * A path of this server to lead a browser back to: anything else, such as the address of another
 * site, becomes `/`.
 */
export function localPath(text: unknown): string {
  // A browser reads `//host` and `/\host` as another host, and drops tabs and line breaks.
  if (typeof text !== 'string' || !/^\/(?![/\\])[\x20-\x7e]*$/.test(text)) return '/'
  if (!URL.canParse(text, base)) return '/'
  const { origin, pathname, search } = new URL(text, base)
  return origin === base && !pathname.startsWith('//') ? pathname + search : '/'
}
