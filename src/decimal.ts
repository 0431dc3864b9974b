// Exact decimal numbers, for money: a float cannot hold 0.1.

/** `units` times ten to the power of minus `scale`: 1.90 is 190 with scale 2. */
export interface Decimal {
  readonly units: bigint
  readonly scale: number
}

export const zero: Decimal = { units: 0n, scale: 0 }

const written = /^(-?)(\d{1,15})(?:\.(\d{1,9}))?$/

/** @returns undefined for a text that is no decimal number of at most 15 digits and 9 decimals */
export function parseDecimal(text: string): Decimal | undefined {
  const [, sign, whole, fraction = ''] = written.exec(text) ?? []
  if (whole === undefined) return undefined
  const units = BigInt(whole + fraction)
  return { units: sign === '-' ? -units : units, scale: fraction.length }
}

/**
 * A number of a JSON document as it was written there. A double keeps 15 digits of it, so one with
 * more is refused.
 * @returns undefined for one that a double does not hold exactly enough, and for one with an
 *   exponent
 */
export function decimalOf(value: number): Decimal | undefined {
  const text = String(value)
  const digits = text.replace(/^-?0*\.?0*/, '').replace('.', '').length
  return digits > 15 ? undefined : parseDecimal(text)
}

export function plus(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  return { units: at(a, scale) + at(b, scale), scale }
}

/** @param factor  a whole number */
export function times(a: Decimal, factor: number): Decimal {
  return { units: a.units * BigInt(factor), scale: a.scale }
}

/**
 * The quotient, rounded half up to so many decimals; for amounts that are not negative.
 * @param divisor  a whole number above 0
 */
export function dividedBy(a: Decimal, divisor: number, scale: number): Decimal {
  const parts = BigInt(divisor)
  const numerator = a.scale > scale ? a.units : at(a, scale)
  const over = a.scale > scale ? parts * 10n ** BigInt(a.scale - scale) : parts
  return { units: (2n * numerator + over) / (2n * over), scale }
}

/** Negative, 0 or positive, for `toSorted`. */
export function compare(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale)
  const difference = at(a, scale) - at(b, scale)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** With at least two decimals, and no more than it needs: `1.90`, `0.021`. */
export function formatDecimal(value: Decimal): string {
  const scale = Math.max(value.scale, 2)
  const digits = String(at(value, scale))
    .replace('-', '')
    .padStart(scale + 1, '0')
  const fraction = digits.slice(-scale).replace(/0+$/, '').padEnd(2, '0')
  return `${value.units < 0n ? '-' : ''}${digits.slice(0, -scale)}.${fraction}`
}

function at({ units, scale }: Decimal, wanted: number): bigint {
  return units * 10n ** BigInt(wanted - scale)
}
