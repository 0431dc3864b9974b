// The CRC-32 of a text from those of its pieces, as crc32_combine of zlib computes it: appending n
// bytes multiplies the checksum by x^8n in the field of polynomials modulo that of CRC-32.
const polynomial = 0xedb88320
// Bits are reversed: this one is 1, the next lower one is x.
const one = 0x80000000

function multiply(a: number, b: number): number {
  let product = 0
  let factor = b
  for (let bit = one; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= factor
    factor = (factor & 1) === 0 ? factor >>> 1 : (factor >>> 1) ^ polynomial
  }
  return product >>> 0
}

/** x^8, x^16, x^32 and so on. */
const powers: number[] = [one >>> 8]

/** What to give `append` for pieces of so many bytes. */
export function shiftBy(bytes: number): number {
  let shift = one
  for (let rest = bytes, at = 0; rest > 0; rest = Math.floor(rest / 2), at++) {
    const power = powers[at] ?? multiply(powers[at - 1] ?? one, powers[at - 1] ?? one)
    powers[at] = power
    if (rest % 2 === 1) shift = multiply(power, shift)
  }
  return shift
}

/**
 * @param crc    of all before the piece
 * @param piece  its own, and `shiftBy` its length
 */
export function append(
  crc: number,
  piece: { readonly crc: number; readonly shift: number },
): number {
  return (multiply(piece.shift, crc) ^ piece.crc) >>> 0
}
