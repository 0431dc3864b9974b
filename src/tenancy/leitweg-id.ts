// Leitweg-ID, the address for electronic invoices to public authorities in Germany: <coarse: 2 to
// 12 digits>[-<fine: up to 30 letters and digits>]-<two check digits> The check digits are ISO 7064
// MOD 97-10 over everything before them; a letter counts as two digits, A = 10 to Z = 35.
const shape = /^([0-9]{2,12})(?:-([0-9A-Z]{1,30}))?-([0-9]{2})$/

/**
 * A Leitweg-ID in its canonical form: letters in upper case.
 * @returns undefined when the form or the check digits are wrong
 */
export function parseLeitwegId(text: string): string | undefined {
  const id = text.toUpperCase()
  const [, coarse, fine = '', check] = shape.exec(id) ?? []
  return coarse !== undefined && check === checkDigits(coarse + fine) ? id : undefined
}

/** @param characters  digits and upper case letters */
export function checkDigits(characters: string): string {
  const digits = characters.replaceAll(/[A-Z]/g, (letter) => String(Number.parseInt(letter, 36)))
  return String(98n - (BigInt(`${digits}00`) % 97n)).padStart(2, '0')
}
