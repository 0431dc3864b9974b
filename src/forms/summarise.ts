import type { Field, Form, GroupField } from './form.ts'
import { writeNumber } from './numbers.ts'
import { textsIn } from './sentences.ts'
import type { Language } from '../types.gen.ts'

/** One value of a form, as people read it. */
export interface SummaryLine {
  readonly label: string
  /** It may be JSON or have several lines. */
  readonly value: string
}

/** What a form holds, without its empty fields; of a secret only that there is one. */
export function summarise(form: Form, language: Language): readonly SummaryLine[] {
  const { root } = form
  return root.kind === 'json' ? lineOf('JSON', root.text) : linesIn(root, language, '')
}

function linesIn(group: GroupField, language: Language, above: string): readonly SummaryLine[] {
  const choices = group.choices.flatMap(({ options, chosen }) =>
    lineOf(
      above + textsIn(language).variant,
      options.find(({ text }) => text === chosen)?.label[language] ?? '',
    ),
  )
  const { more } = group
  return [
    ...choices,
    ...group.fields.flatMap((field) => linesOf(field, language, above)),
    ...(more === undefined ? [] : lineOf(above + textsIn(language).more, more.text)),
  ]
}

function linesOf(field: Field, language: Language, above: string): readonly SummaryLine[] {
  const texts = textsIn(language)
  const label = above + field.label[language]
  switch (field.kind) {
    case 'text':
      return lineOf(label, field.isKept ? texts.keptShort : field.text)
    case 'number':
      return lineOf(
        label,
        typeof field.value === 'number' ? writeNumber(field.value, language) : (field.value ?? ''),
      )
    case 'choice': {
      const { chosen, options } = field
      const option = options.find(({ text }) => text === chosen)
      return lineOf(label, option?.label[language] ?? chosen ?? '')
    }
    case 'boolean':
      if (field.value === undefined) return []
      return lineOf(label, field.value ? texts.yes : texts.no)
    case 'const':
      return lineOf(label, field.option.label[language])
    case 'lines': {
      const { lines } = field
      const text = typeof lines === 'string' ? lines : lines.map(String).join('\n')
      return lineOf(label, text)
    }
    case 'json':
      return lineOf(label, field.isKept ? texts.keptShort : field.text)
    case 'group':
      return field.state === 'closed' ? [] : linesIn(field, language, `${label}: `)
    case 'rows':
      return field.rows.flatMap((row, index) => {
        const name = texts.row(label, index + 1)
        return row.kind === 'group'
          ? linesIn(row, language, `${name}: `)
          : linesOf({ ...row, label: { de: name, en: name } }, language, '')
      })
    default:
      return field satisfies never
  }
}

function lineOf(label: string, value: string): readonly SummaryLine[] {
  return value === '' ? [] : [{ label, value }]
}
