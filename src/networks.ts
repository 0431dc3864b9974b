// Which addresses Kontor may connect to when a request names the address: public ones, and those
// that an operator has allowed. Prevents server-side request forgery.
import { lookup as resolve } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/**
 * `opened`: an operator has allowed it. `closed`: private, link-local, reserved or the like, and
 * not allowed.
 */
export type AddressClass = 'opened' | 'public' | 'closed'

export interface Networks {
  /** Of an IP address as text; any other text is `closed`. */
  classOf(address: string): AddressClass
  allowsPort(port: number): boolean
  /** The settings that would allow a closed address. */
  readonly openedBy: string
  /** Resolves names, as dns.lookup does. */
  readonly lookup: LookupFunction
}

// RFC 6890 and IANA's registries of special-purpose addresses (2026), without the globally
// reachable ones.
const closedV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // A public address, but the metadata and DNS service of every machine at Azure.
  '168.63.129.16',
]
// Only global unicast (2000::/3) is public in IPv6, without protocol assignments (Teredo,
// benchmarks), documentation and 6to4.
const globalV6 = '2000::/3'
const closedV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']
// DNS64 makes these from IPv4 addresses, so the embedded address decides.
const nat64 = '64:ff9b::/96'

/**
 * @param entries  CIDR ranges and single addresses that pass `validateNetwork`
 * @param lookup   for tests with a name server of their own
 */
export function openNetworks(
  entries: readonly string[],
  lookup: LookupFunction = resolve,
): Networks {
  const opened = listOf(entries)
  const closed = listOf([...closedV4, ...closedV6])
  const global = listOf([globalV6])
  const translated = listOf([nat64])
  const has = (list: BlockList, address: string) =>
    list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')

  const classOf = (given: string): AddressClass => {
    // BlockList does not support zones (fe80::1%eth0) and would find no match.
    const address = given.replace(/%.*$/s, '')
    if (isIP(address) === 0) return 'closed'
    if (has(opened, address)) return 'opened'
    const inner =
      isIP(address) === 4
        ? address
        : (mappedV4(address) ?? (has(translated, address) ? lastV4(address) : undefined))
    if (inner === undefined)
      return has(global, address) && !has(closed, address) ? 'public' : 'closed'
    if (has(opened, inner)) return 'opened'
    return has(closed, inner) ? 'closed' : 'public'
  }
  return { classOf, allowsPort: () => true, openedBy: 'KONTOR_PROVIDER_NETWORKS', lookup }
}

/**
 * Networks for one provider: no more than those of `networks`, and only what both lists allow. An
 * empty list narrows nothing.
 * @param entries  as of `openNetworks`
 */
export function narrowNetworks(
  networks: Networks,
  entries: readonly string[],
  ports: readonly number[],
): Networks {
  const allowed = listOf(entries)
  const isWithin = (given: string) => {
    const address = given.replace(/%.*$/s, '')
    const family = isIP(address)
    return family !== 0 && allowed.check(address, family === 4 ? 'ipv4' : 'ipv6')
  }
  return {
    classOf: (address) =>
      entries.length === 0 || isWithin(address) ? networks.classOf(address) : 'closed',
    allowsPort: (port) => networks.allowsPort(port) && (ports.length === 0 || ports.includes(port)),
    openedBy:
      networks.openedBy + (entries.length === 0 ? '' : ' and allowedNetworks of the provider'),
    lookup: networks.lookup,
  }
}

/** What is wrong with an entry, as the end of a sentence; undefined if it is valid. */
export function validateNetwork(entry: string): string | undefined {
  const [address = '', length, ...rest] = entry.split('/')
  const family = isIP(address)
  if (family === 0 || address.includes('%') || rest.length > 0)
    return 'is neither an IP address nor a CIDR range'
  const maxLength = family === 4 ? 32 : 128
  if (length === undefined) return undefined
  if (!/^\d{1,3}$/.test(length) || Number(length) > maxLength)
    return `must end with a prefix length from /0 to /${maxLength}`
  return bitsOf(address).slice(Number(length)).includes('1')
    ? 'has bits set beyond its prefix length'
    : undefined
}

function listOf(entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', length] = entry.split('/')
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
    if (length === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(length), family)
  }
  return list
}

function mappedV4(address: string): string | undefined {
  return bitsOf(address).startsWith('0'.repeat(80) + '1'.repeat(16)) ? lastV4(address) : undefined
}

function lastV4(address: string): string {
  return (bitsOf(address).slice(96).match(/.{8}/g) ?? [])
    .map((byte) => Number.parseInt(byte, 2))
    .join('.')
}

/**
 * 32 or 128 digits. The URL parser puts every form of IPv6 into one: hexadecimal, shortest, a
 * single "::".
 */
function bitsOf(address: string): string {
  if (isIP(address) === 4)
    return address
      .split('.')
      .map((byte) => Number(byte).toString(2).padStart(8, '0'))
      .join('')
  const groupsOf = (text: string) => (text === '' ? [] : text.split(':'))
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const [first, last] = [groupsOf(head), groupsOf(tail ?? '')]
  const groups = first.concat(
    Array.from({ length: 8 - first.length - last.length }, () => '0'),
    last,
  )
  return groups.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('')
}
