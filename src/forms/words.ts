// What people read of a provider's schema: plain text, without what misleads, and not without end.
import { withoutInvisible } from '../visible-text.ts'
import { tokensOf, type Schema } from './json-schema.ts'
import type { Language } from '../types.gen.ts'

/** A text in both languages, which are often the same. */
export type Words = Readonly<Record<Language, string>>

const maxLabel = 120
const maxHelp = 600

/** The label of a field: its title, else its key. */
export function labelOf(schema: Schema, pointer: string): Words {
  const key = tokensOf(pointer).at(-1) ?? ''
  return inBoth((language) => textOf(schema, 'title', language, maxLabel) ?? clean(key, maxLabel))
}

export function helpOf(schema: Schema): Words | undefined {
  const help = inBoth((language) => textOf(schema, 'description', language, maxHelp) ?? '')
  return help.de === '' && help.en === '' ? undefined : help
}

/** The label of a value to choose. */
export function optionLabel(value: unknown, words: Schema): Words {
  const plain = typeof value === 'string' ? value : JSON.stringify(value)
  return inBoth((language) => textOf(words, 'title', language, maxLabel) ?? clean(plain, maxLabel))
}

export function titleOf(schema: Schema): Words | undefined {
  const title = inBoth((language) => textOf(schema, 'title', language, maxLabel) ?? '')
  return title.de === '' && title.en === '' ? undefined : title
}

export function inBoth(textIn: (language: Language) => string): Words {
  return { de: textIn('de'), en: textIn('en') }
}

function textOf(schema: Schema, keyword: string, language: Language, maximum: number) {
  const texts = [schema[`x-${keyword}-${language}`], schema[keyword]]
  const text = texts.find((each) => typeof each === 'string' && clean(each, maximum) !== '')
  return typeof text === 'string' ? clean(text, maximum) : undefined
}

/** On one line, without characters that show nothing or turn the text around. */
export function clean(text: string, maximum: number): string {
  // The rest of a very long text is not looked at.
  const plain = withoutInvisible(text.slice(0, 4 * maximum))
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .toWellFormed()
  const characters = Array.from(plain)
  return characters.length > maximum ? `${characters.slice(0, maximum - 1).join('')}…` : plain
}
