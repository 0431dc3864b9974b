// A cookie keeps it, and browsers drop one over 4 KB.
const maxLength = 1_500
const base = 'http://local.invalid'

/**
 * A path of this server to lead a browser back to: anything else, such as the address of another
 * site, or a path over 1,500 characters, becomes `/`.
 */
export function localPath(text: unknown): string {
  // A browser reads `//host` and `/\host` as another host, and drops tabs and line breaks.
  if (typeof text !== 'string' || !/^\/(?![/\\])[\x20-\x7e]*$/.test(text)) return '/'
  if (!URL.canParse(text, base)) return '/'
  const { origin, pathname, search } = new URL(text, base)
  const path = pathname + search
  return origin === base && !path.startsWith('//') && path.length <= maxLength ? path : '/'
}
