// How texts are cut into words that can be compared: `Für`, `fuer` and `fur` are one.

const maxText = 5_000
const maxLength = 40
const marks = /\p{Mn}/gu

/** The words of a text in lower case, in their order; very long texts and words are cut off. */
export function wordsOf(text: string): string[] {
  const words = text
    .slice(0, maxText)
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu)
  return (words ?? []).map((word) => word.slice(0, maxLength))
}

/** Without accents, and with the two spellings of umlauts made one. */
export function folded(word: string): string {
  return word
    .normalize('NFD')
    .replaceAll(marks, '')
    .replaceAll('ß', 'ss')
    .replaceAll(/([aou])e/g, '$1')
}
