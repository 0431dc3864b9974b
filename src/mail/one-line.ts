import { withoutInvisible } from '../visible-text.ts'

const maxText = 120

/**
 * A name or a sentence for a mail: one line, without what hides or turns text, at most 120
 * characters. Names come from people, issuers and providers, and could else begin a header or a
 * paragraph of their own.
 */
export function oneLine(text: string, max = maxText): string {
  const line = withoutInvisible(text)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .toWellFormed()
  const characters = Array.from(line)
  return characters.length <= max ? line : `${characters.slice(0, max - 1).join('')}…`
}
