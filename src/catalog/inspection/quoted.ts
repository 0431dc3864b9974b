const maxCharacters = 100
// An escape has six: the sentence after the name must fit into the finding, too.
const maxShown = 200

/**
 * A name or an id of a provider in quotation marks, as a finding shows it to people: shortened, and
 * with characters that show nothing, or that look like others, as escapes.
 */
export function quoted(name: string): string {
  let shown = ''
  let at = 0
  while (at < Math.min(name.length, maxCharacters) && shown.length < maxShown)
    shown += escaped(name.charAt(at++))
  return `"${shown}${at < name.length ? '...' : ''}"`
}

function escaped(character: string): string {
  if (/[^\x20-\x7E\u00A1-\u00AC\u00AE-\u024F]/.test(character))
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  return character === '"' || character === '\\' ? `\\${character}` : character
}
