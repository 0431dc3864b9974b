// Order numbers, which people read out: `26-K7NF-M3XC`. The year, seven random characters, and one
// that follows from all of them.
import { randomInt } from 'node:crypto'

// Without characters that look or sound alike: 0 O Q D, 1 I L, 8 B, 5 S, 6 G, 2 Z, U V. Their
// number is prime, so that the check character finds each wrong one and each swapped pair.
const alphabet = '23456789ACEFHJKMNPRTWXY'
const pattern = /^(\d\d)([2-9ACEFHJKMNPRTWXY]{7})([2-9ACEFHJKMNPRTWXY])$/

/** A number that no order has, most probably: 3,400,000,000 are possible in a year. */
export function makeOrderNumber(now: Date): string {
  const year = String(now.getUTCFullYear() % 100).padStart(2, '0')
  const characters = Array.from({ length: 7 }, () => alphabet[randomInt(alphabet.length)])
  const random = characters.join('')
  return written(year, `${random}${checkOf(year, random)}`)
}

/**
 * The number that a person has written, with or without hyphens and spaces, in any case.
 * @returns undefined when it can be none: a character is wrong or missing
 */
export function readOrderNumber(text: string): string | undefined {
  const [, year, random, check] = pattern.exec(compact(text)) ?? []
  if (year === undefined || random === undefined || check === undefined) return undefined
  return checkOf(year, random) === check ? written(year, `${random}${check}`) : undefined
}

/** Part of a number as it is stored, to search for. */
export function partOfNumber(text: string): string {
  const digits = compact(text)
  return [digits.slice(0, 2), digits.slice(2, 6), digits.slice(6)].filter(Boolean).join('-')
}

function compact(text: string): string {
  return text.replaceAll(/[\s-]/g, '').toUpperCase()
}

function written(year: string, characters: string): string {
  return `${year}-${characters.slice(0, 4)}-${characters.slice(4)}`
}

function checkOf(year: string, random: string): string {
  const values = [Number(year), ...Array.from(random, (each) => alphabet.indexOf(each))]
  const sum = values.reduce((total, value, at) => total + value * (at + 1), 0)
  return alphabet[sum % alphabet.length] ?? ''
}
