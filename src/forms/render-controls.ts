// The controls of single values.
import { html } from 'ghtml'
import type { JsonField, LinesField, NumberField, TextField } from './form.ts'
import { writeNumber } from './numbers.ts'
import {
  attributes,
  controlAttributes,
  errorClass,
  hidden,
  hintOf,
  idOf,
  inputField,
  type Rendering,
} from './render-field.ts'
import { limitSentences, textsIn } from './sentences.ts'

const maxListed = 30

export function renderText(rendering: Rendering, field: TextField): string {
  const { pointer, input, isSecret } = field
  const kept = field.isKept ? [textsIn(rendering.language).kept] : []
  const hint = hintOf(rendering, field, [
    ...limitSentences(field.limits, rendering.language),
    ...kept,
  ])
  const blank = hidden(`blank:${pointer}`, field.blank)
  if (field.isMultiline)
    return inputField(rendering, field, {
      hint,
      control:
        textarea(rendering, field, { name: pointer, text: field.text, rows: 4, hint }) + blank,
    })
  const modes: Readonly<Record<string, string>> = { email: 'email', uri: 'url' }
  // Browsers change what is typed into fields of the types email and url.
  const type = input === 'password' || input === 'date' ? input : 'text'
  const more = {
    inputmode: modes[input],
    autocomplete: isSecret ? 'new-password' : 'off',
    value: field.text,
  }
  return inputField(rendering, field, {
    hint,
    control: textInput(rendering, field, type, more, hint) + blank,
  })
}

export function renderNumber(rendering: Rendering, field: NumberField): string {
  const { language } = rendering
  const hint = hintOf(rendering, field, limitSentences(field.limits, language))
  const value = typeof field.value === 'number' ? writeNumber(field.value, language) : field.value
  const more = {
    inputmode: field.isInteger ? 'numeric' : 'decimal',
    autocomplete: 'off',
    value: value ?? '',
  }
  const control = textInput(rendering, field, 'text', more, hint)
  return inputField(rendering, field, {
    hint,
    control: control + hidden(`blank:${field.pointer}`, field.blank),
  })
}

function textInput(
  rendering: Rendering,
  field: TextField | NumberField,
  type: string,
  more: Readonly<Record<string, string | undefined>>,
  hint: string,
): string {
  return html`<input
    class="kern-form-input__input !${errorClass(rendering, field, 'kern-form-input__input--error')}"
    type="${type}"
    id="${idOf(field.pointer)}"
    name="${field.pointer}"
    spellcheck="false"
    !${attributes({ ...more, ...controlAttributes(rendering, field, hint !== '') })}
  />`
}

interface Area {
  readonly name: string
  readonly text: string
  readonly rows: number
  readonly hint: string
}

function textarea(
  rendering: Rendering,
  field: TextField | LinesField | JsonField,
  { name, text, rows, hint }: Area,
): string {
  // The parser of HTML drops a line end right after the tag.
  return html`<textarea
    class="kern-form-input__input !${errorClass(rendering, field, 'kern-form-input__input--error')}"
    id="${idOf(field.pointer)}"
    name="${name}"
    rows="${rows}"
    spellcheck="false"
    autocomplete="off"
    !${attributes(controlAttributes(rendering, field, hint !== ''))}
  >
${text}</textarea>`
}

export function renderLines(rendering: Rendering, field: LinesField): string {
  const { language } = rendering
  const { onePerLine, oneOf } = textsIn(language)
  const listed = field.allowed.slice(0, maxListed).map(({ label }) => label[language])
  const rest = field.allowed.length > maxListed ? ', …' : ''
  const allowed = listed.length === 0 ? [] : [oneOf(listed.join(', ') + rest)]
  const hint = hintOf(rendering, field, [onePerLine, ...allowed])
  const text =
    typeof field.lines === 'string'
      ? field.lines
      : field.lines
          .map((line) => (typeof line === 'number' ? writeNumber(line, language) : line))
          .join('\n')
  const rows = Math.min(10, Math.max(3, text.split('\n').length + 1))
  const control = textarea(rendering, field, { name: field.pointer, text, rows, hint })
  return inputField(rendering, field, {
    hint,
    control: control + hidden(`blank:${field.pointer}`, field.blank),
  })
}

export function renderJson(rendering: Rendering, field: JsonField, id = field.pointer): string {
  const { asJson, kept } = textsIn(rendering.language)
  const hint = hintOf(rendering, field, field.isKept ? [asJson, kept] : [asJson])
  const rows = Math.min(20, Math.max(4, field.text.split('\n').length + 1))
  const { name, text } = field
  const control = textarea(rendering, { ...field, pointer: id }, { name, text, rows, hint })
  return inputField(rendering, { ...field, pointer: id }, { hint, control })
}
