// OSB 2.17 "Catalog": strings should be no longer than 255 characters. A platform that cannot store
// longer ones may refuse the whole catalog because of one string, so one provider would harm all
// others.
import type { CatalogFinding } from '../types.gen.ts'

const maxCharacters = 255

/** Names are not shortened, because that would make another name. */
export function validateLength(name: string, what: string): string | undefined {
  return isLong(name) ? `${what} is longer than ${maxCharacters} characters.` : undefined
}

/**
 * Shortens the description of a part of a catalog, with a finding; `metadata` is opaque and may
 * hold long texts.
 * @param path  JSON pointer to the part
 */
export function withShortDescription<Part extends { description?: string }>(
  part: Part,
  path: string,
  findings: CatalogFinding[],
): Part {
  if (part.description === undefined || !isLong(part.description)) return part
  findings.push({
    path: `${path}/description`,
    problem: `The description is longer than ${maxCharacters} characters and was cut off there.`,
    effect: 'note',
  })
  return {
    ...part,
    description: `${Array.from(part.description.slice(0, 2 * maxCharacters))
      .slice(0, maxCharacters - 1)
      .join('')}…`,
  }
}

function isLong(text: string): boolean {
  return text.length > maxCharacters && Array.from(text).length > maxCharacters
}
