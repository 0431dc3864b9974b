// Values to choose: radio buttons, lists, checkboxes.
import { html } from 'ghtml'
import type { BooleanField, ChoiceField, ConstField, FieldOption } from './form.ts'
import {
  attributes,
  controlAttributes,
  errorClass,
  errorOf,
  fieldset,
  hidden,
  hintOf,
  idOf,
  inputField,
  labelText,
  type Rendering,
} from './render-field.ts'
import { textsIn } from './sentences.ts'

const maxRadios = 5

export function renderChoice(rendering: Rendering, field: ChoiceField): string {
  const blank = hidden(`blank:${field.pointer}`, field.blank)
  return drawChoice(rendering, field, field.pointer, field.options, field.chosen) + blank
}

export function renderBoolean(rendering: Rendering, field: BooleanField): string {
  const { yes, no } = textsIn(rendering.language)
  const { pointer, value } = field
  if (field.isCheckbox) return checkbox(rendering, field)
  const options: readonly FieldOption[] = [
    { text: 'true', label: { de: yes, en: yes } },
    { text: 'false', label: { de: no, en: no } },
  ]
  const chosen = value === undefined ? undefined : String(value)
  return (
    drawChoice(rendering, field, pointer, options, chosen) + hidden(`blank:${pointer}`, field.blank)
  )
}

function checkbox(rendering: Rendering, field: BooleanField): string {
  const { pointer, label, value } = field
  const hint = hintOf(rendering, field, [])
  const described = controlAttributes(rendering, { ...field, isRequired: false }, hint !== '')
  const checked = value === true ? { checked: '' } : {}
  return html`<div class="kontor-check">
    <div class="kern-form-check">
      !${hidden(pointer, 'false')}
      <input
        class="kern-form-check__checkbox"
        type="checkbox"
        id="${idOf(pointer)}"
        name="${pointer}"
        value="true"
        !${attributes({ ...checked, ...described })}
      />
      <label class="kern-label" for="${idOf(pointer)}">${label[rendering.language]}</label>
    </div>
    !${hint} !${errorOf(rendering, field)}
  </div>`
}

/** Radio buttons, or a list to choose from when there are many. */
export function drawChoice(
  rendering: Rendering,
  field: ChoiceField | BooleanField,
  name: string,
  options: readonly FieldOption[],
  chosen: string | undefined,
): string {
  const { language } = rendering
  const { notSet, choose } = textsIn(language)
  const hint = hintOf(rendering, field, [])
  if (options.length > maxRadios) {
    const first = { text: '', label: bothWays(field.isRequired ? choose : notSet) }
    const invalid = errorClass(rendering, field, 'kern-form-input__select--error')
    const control = html`<div class="kern-form-input__select-wrapper">
      <select
        class="kern-form-input__select !${invalid}"
        id="${idOf(field.pointer)}"
        name="${name}"
        !${attributes(controlAttributes(rendering, field, hint !== ''))}
      >
        !${[first, ...options].map(({ text, label }) => {
          const selected = text === (chosen ?? '') ? { selected: '' } : {}
          return html`<option !${attributes({ value: text, ...selected })}>
            ${label[language]}
          </option>`
        })}
      </select>
    </div>`
    return inputField(rendering, field, { hint, control })
  }
  const all = field.isRequired ? options : [{ text: '', label: bothWays(notSet) }, ...options]
  const body = all.map((option, index) => {
    const isChosen = option.text === (chosen ?? (field.isRequired ? undefined : ''))
    return radio(rendering, field, { name, option, index, isChosen })
  })
  return fieldset(rendering, field, { hint, body: body.join('') })
}

const bothWays = (text: string) => ({ de: text, en: text })

interface Radio {
  readonly name: string
  readonly option: FieldOption
  readonly index: number
  readonly isChosen: boolean
}

function radio(
  rendering: Rendering,
  field: ChoiceField | BooleanField,
  { name, option, index, isChosen }: Radio,
): string {
  const id = index === 0 ? idOf(field.pointer) : `${idOf(field.pointer)}-${index}`
  const kind = errorClass(rendering, field, 'kern-form-check__radio--error')
  return html`<div class="kern-form-check">
    <input
      class="kern-form-check__radio !${kind}"
      type="radio"
      id="${id}"
      name="${name}"
      !${attributes({ value: option.text, checked: isChosen ? '' : undefined })}
    />
    <label class="kern-label" for="${id}">${option.label[rendering.language]}</label>
  </div>`
}

export function renderConst(rendering: Rendering, field: ConstField): string {
  const { language } = rendering
  const hint = hintOf(rendering, field, [])
  return html`<div class="kern-form-input">
    <span class="kern-label">!${labelText(rendering, field)}</span>
    !${hint}
    <span class="kern-body" id="${idOf(field.pointer)}">${field.option.label[language]}</span>
    !${hidden(field.pointer, field.option.text)}
  </div>`
}
