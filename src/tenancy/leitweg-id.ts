// Leitweg-ID: <coarse: 2 to 12 digits>[-<fine: up to 30 letters and digits>]-<two check digits>, where invoices go. The
// check digits are those of ISO 7064 MOD 97-10 over all before them, a letter counting as two digits, A = 10 to Z = 35.
const shape = /^([0-9]{2,12})(?:-([0-9A-Z]{1,30}))?-([0-9]{2})$/

/**
 * A Leitweg-ID in its one spelling, letters upper case.
 * @returns undefined when it is none: wrong form or wrong check digits
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
