/** An IPv4 address, or the /64 of an IPv6 address, which is what one subscriber has. */
export function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [before = '', after] = address.split('::')
  const front = before.split(':')
  if (after === undefined) return `${front.slice(0, 4).join(':')}::/64`
  const back = after.split(':')
  const groups = [
    ...front,
    ...Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0'),
    ...back,
  ]
  return `${groups.slice(0, 4).join(':')}::/64`
}
