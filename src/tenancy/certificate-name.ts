/**
 * A certificate's name in the one form in which names are kept and compared: `dns:` and `sha256:` in lower case, fingerprints
 * without colons. A name without a kind is a DNS name; of URIs and common names each letter counts.
 */
export function canonicalName(name: string): string {
  const [, kind = 'dns', value = name] = /^(dns|uri|cn|sha256):(.+)$/s.exec(name) ?? []
  if (kind === 'sha256') return `sha256:${value.replaceAll(':', '').toLowerCase()}`
  return kind === 'dns' ? `dns:${value.toLowerCase()}` : name
}
