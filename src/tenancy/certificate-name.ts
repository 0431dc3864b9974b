/**
 * The canonical form of a certificate's name, which is stored and compared: `dns:` and `sha256:` in
 * lower case, fingerprints without colons. A name without a kind is a DNS name; URIs and common
 * names are case-sensitive.
 */
export function canonicalName(name: string): string {
  const [, kind = 'dns', value = name] = /^(dns|uri|cn|sha256):(.+)$/s.exec(name) ?? []
  if (kind === 'sha256') return `sha256:${value.replaceAll(':', '').toLowerCase()}`
  return kind === 'dns' ? `dns:${value.toLowerCase()}` : name
}
