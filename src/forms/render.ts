import { html } from 'ghtml'
import type {
  ChoiceField,
  Field,
  Form,
  FormError,
  GroupField,
  JsonField,
  RowsField,
} from './form.ts'
import { changedPart } from './changed-part.ts'
import { drawChoice, renderBoolean, renderChoice, renderConst } from './render-choices.ts'
import { renderJson, renderLines, renderNumber, renderText } from './render-controls.ts'
import {
  attributes,
  button,
  errorOf,
  fieldset,
  hidden,
  hintOf,
  idOf,
  partAttributes,
  type Rendering,
} from './render-field.ts'
import { placeErrors, textsIn } from './sentences.ts'
import type { Language } from '../types.gen.ts'

/**
 * The fields as HTML, for the page to put into its `form` element before its own button.
 * @param errors  each is drawn at its field
 * @param pressed  the name of the button that made the form be shown again: what it changed has the
 *   focus, so that people go on where they were
 */
export function render(
  form: Form,
  language: Language,
  errors: readonly FormError[] = [],
  pressed?: string,
): string {
  const placed = Map.groupBy(placeErrors(form, errors), ({ pointer }) => pointer)
  const focus = pressed === undefined ? undefined : changedPart(form.root, pressed)
  const rendering: Rendering = { language, errors: placed, focus }
  const { root } = form
  const { editAsJson, editAsFields, withoutSecrets } = textsIn(language)
  // Return in a text field presses the first button of a form, which must not remove anything.
  const first = html`<button type="submit" name="continue" value="1" hidden></button>`
  const body = root.kind === 'json' ? wholeText(rendering, root) : groupBody(rendering, root)
  const other =
    form.switch === 'to_json'
      ? button('as:json', editAsJson, 'tertiary')
      : form.switch === 'to_fields'
        ? html`<p class="kern-hint">${withoutSecrets}</p>
            !${button('as:fields', editAsFields, 'tertiary')}`
        : ''
  // Errors of no single field lead here; the control of a JSON text has the id itself.
  const id = root.kind === 'json' ? undefined : idOf('')
  return html`<div class="kontor-form" !${attributes({ id })}>
    !${first} !${root.kind === 'json' ? '' : errorOf(rendering, root)} !${body}
    <div class="kontor-form__switch">!${other}</div>
  </div>`
}

/** The form as one text. */
function wholeText(rendering: Rendering, root: JsonField): string {
  const { all } = textsIn(rendering.language)
  const label = root.label[rendering.language] === '' ? { de: all, en: all } : root.label
  return renderJson(rendering, { ...root, label })
}

function renderField(rendering: Rendering, field: Field): string {
  switch (field.kind) {
    case 'text':
      return renderText(rendering, field)
    case 'number':
      return renderNumber(rendering, field)
    case 'choice':
      return renderChoice(rendering, field)
    case 'boolean':
      return renderBoolean(rendering, field)
    case 'const':
      return renderConst(rendering, field)
    case 'lines':
      return renderLines(rendering, field)
    case 'json':
      return renderJson(rendering, field)
    case 'group':
      return renderGroup(rendering, field)
    case 'rows':
      return renderRows(rendering, field)
    default:
      return field satisfies never
  }
}

function renderGroup(rendering: Rendering, group: GroupField): string {
  const { pointer, state } = group
  const label = group.label[rendering.language]
  const { add, remove } = textsIn(rendering.language)
  const body =
    state === 'closed'
      ? hidden(`closed:${pointer}`, '1') + button(`add:${pointer}`, add(label), 'secondary')
      : groupBody(rendering, group) +
        (state === 'removable'
          ? hidden(`present:${pointer}`, '1') +
            button(`remove:${pointer}`, remove(label), 'tertiary')
          : '')
  return html`<div class="kontor-group" !${partAttributes(rendering, pointer)}>
    !${fieldset(rendering, group, { hint: hintOf(rendering, group, []), body })}
  </div>`
}

function groupBody(rendering: Rendering, group: GroupField): string {
  const { more, pointer, shown } = group
  const texts = textsIn(rendering.language)
  const choices = group.choices.map(({ name, options, chosen }, index) => {
    const number = group.choices.length > 1 ? ` ${index + 1}` : ''
    const label = `${texts.variant}${number}`
    const field: ChoiceField = {
      kind: 'choice',
      pointer: `${pointer}/-choice${number}`,
      label: { de: label, en: label },
      help: undefined,
      isRequired: true,
      options,
      chosen,
      blank: undefined,
    }
    return html`<div class="kontor-variant">
      !${drawChoice(rendering, field, name, options, chosen)}
      !${button(`refresh:${pointer}`, texts.showFields, 'secondary')}
    </div>`
  })
  const fields = group.fields.map((field) => renderField(rendering, field))
  const others = { de: texts.more, en: texts.more }
  return [
    shown === '' ? '' : hidden(`shown:${pointer}`, shown),
    ...choices,
    ...fields,
    more ? renderJson(rendering, { ...more, label: others }, `${pointer}/-more`) : '',
  ].join('')
}

function renderRows(rendering: Rendering, rows: RowsField): string {
  const { language } = rendering
  const { pointer } = rows
  const { add, remove, row: rowLabel } = textsIn(language)
  const label = rows.label[language]
  const drawn = rows.rows.map((row, index) => {
    const name = rowLabel(label, index + 1)
    const body = row.kind === 'group' ? groupBody(rendering, row) : renderField(rendering, row)
    const named = { ...row, label: { de: name, en: name }, help: undefined }
    const drop = button(`drop:${row.pointer}`, remove(name), 'tertiary')
    return html`<div class="kontor-group" !${partAttributes(rendering, row.pointer)}>
      !${fieldset(rendering, named, { hint: '', body: body + drop })}
    </div>`
  })
  const body = [
    hidden(`rows:${pointer}`, String(rows.rows.length)),
    hidden(`blank:${pointer}`, rows.blank),
    ...drawn,
    rows.mayAdd ? button(`add:${pointer}`, add(label), 'secondary') : '',
  ].join('')
  return html`<div class="kontor-group" !${partAttributes(rendering, pointer)}>
    !${fieldset(rendering, rows, { hint: hintOf(rendering, rows, []), body })}
  </div>`
}
