import type { Token } from './verify.ts'

type Claims = Pick<Token, 'claims'>

/**
 * The values of a claim: the strings of an array, or the words of a string.
 * @param name  the claim's own name, which may hold dots, or a path through objects such as
 *              `realm_access.roles`
 */
export function valuesOf({ claims }: Claims, name: string | undefined): string[] {
  const value =
    name === undefined
      ? undefined
      : Object.hasOwn(claims, name)
        ? claims[name]
        : atPath(claims, name.split('.'))
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '')
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

/** The value of a claim that is a string. */
export function textOf({ claims }: Claims, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : atPath(claims, name.split('.'))
  return typeof value === 'string' ? value : undefined
}

function atPath(from: unknown, [first, ...rest]: readonly string[]): unknown {
  if (first === undefined) return from
  return from !== null && typeof from === 'object' && Object.hasOwn(from, first)
    ? atPath((from as Record<string, unknown>)[first], rest)
    : undefined
}
