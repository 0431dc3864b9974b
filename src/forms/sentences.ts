import type { Field, Form, FormError, Limits } from './form.ts'
import { writeNumber } from './numbers.ts'
import { de } from './texts/de.ts'
import { en } from './texts/en.ts'
import type { FormTexts } from './texts/texts.ts'
import { clean, type Language, type Words } from './words.ts'

const texts: Readonly<Record<Language, FormTexts>> = { de, en }

const maxName = 100

export function textsIn(language: Language): FormTexts {
  return texts[language]
}

export function sentenceOf({ code, values = [] }: FormError, language: Language): string {
  const [first = '', second = ''] = values.map((value) =>
    typeof value === 'number' ? writeNumber(value, language) : clean(value, maxName),
  )
  const { errors, types } = texts[language]
  return errors[code](code === 'other_type' ? (types[first] ?? first) : first, second)
}

/** What a field allows, for people to know before they type. */
export function limitSentences(limits: Limits, language: Language): readonly string[] {
  const { range, length, multipleOf } = texts[language]
  const written = (limit: number | undefined) =>
    limit === undefined ? undefined : writeNumber(limit, language)
  const { minimum, maximum, maxLength, minLength = 0 } = limits
  const least = minLength > 1 ? minLength : undefined
  return [
    ...(minimum === undefined && maximum === undefined
      ? []
      : [range(written(minimum), written(maximum))]),
    ...(least === undefined && maxLength === undefined
      ? []
      : [length(written(least), written(maxLength))]),
    ...(limits.multipleOf === undefined || limits.multipleOf === 1
      ? []
      : [multipleOf(writeNumber(limits.multipleOf, language))]),
  ]
}

/** An error with the field that shows it: that of its value, else the nearest one around. */
export interface PlacedError {
  readonly error: FormError
  readonly pointer: string
  readonly label: Words
}

export function placeErrors(form: Form, errors: readonly FormError[]): readonly PlacedError[] {
  const labels = new Map(fieldsOf(form.root).map(({ pointer, label }) => [pointer, label]))
  return errors.map((error) => {
    let { pointer } = error
    while (pointer !== '' && !labels.has(pointer))
      pointer = pointer.slice(0, pointer.lastIndexOf('/'))
    return { error, pointer, label: labels.get(pointer) ?? { de: '', en: '' } }
  })
}

function fieldsOf(field: Field): readonly Field[] {
  const below = field.kind === 'group' ? field.fields : field.kind === 'rows' ? field.rows : []
  return [field, ...below.flatMap(fieldsOf)]
}
