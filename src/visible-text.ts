// Characters that show nothing, and those that turn the direction of the text around them. In a
// name or a sentence they make people read something else than what is there.
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\uFFF9-\uFFFB]/gu

/** The text without them. */
export function withoutInvisible(text: string): string {
  return text.replace(invisible, '')
}

/** The first of them as `U+202E`; undefined if there is none. */
export function invisibleIn(text: string): string | undefined {
  const [found] = text.match(invisible) ?? []
  return found === undefined
    ? undefined
    : `U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
