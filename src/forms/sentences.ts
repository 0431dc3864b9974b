import type { Field, Form, FormError, Limits } from './form.ts'
import { writeNumber } from './numbers.ts'
import { de } from './texts/de.ts'
import { en } from './texts/en.ts'
import type { FormTexts } from './texts/texts.ts'
import { clean, inBoth, type Words } from './words.ts'
import type { Language } from '../types.gen.ts'

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
  const labels = new Map(labelsOf(form.root, unnamed))
  return errors.map((error) => {
    let { pointer } = error
    while (pointer !== '' && !labels.has(pointer))
      pointer = pointer.slice(0, pointer.lastIndexOf('/'))
    return { error, pointer, label: labels.get(pointer) ?? unnamed }
  })
}

const unnamed: Words = { de: '', en: '' }

/** By pointer; those in a row begin with its name, because each row has the same fields. */
function labelsOf(field: Field, row: Words): readonly (readonly [string, Words])[] {
  const { pointer, label } = field
  const named = inBoth((language) => row[language] + label[language])
  const own = [pointer, pointer === '' ? unnamed : named] as const
  if (field.kind === 'group') return [own, ...field.fields.flatMap((part) => labelsOf(part, row))]
  if (field.kind !== 'rows') return [own]
  const rows = field.rows.map((each, index) => {
    const name = inBoth((language) => textsIn(language).row(named[language], index + 1))
    const below = inBoth((language) => `${name[language]}, `)
    const inner = each.kind === 'group' ? each.fields : []
    return [[each.pointer, name] as const, ...inner.flatMap((part) => labelsOf(part, below))]
  })
  return [own, ...rows.flat()]
}
