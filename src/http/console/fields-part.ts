// Fields of forms in KERN's markup.
import { html } from 'ghtml'
import { alertPart } from './alert-part.ts'
import type { Asked } from './asked.ts'
import { tokenPart } from './forms.ts'
import type { Texts } from './texts/texts.ts'

export interface Field {
  readonly name: string
  readonly label: string
  readonly value: string
  /** What stands below the label. */
  readonly hint?: string
  readonly type?: 'text' | 'email' | 'tel' | 'number'
  readonly isOptional?: boolean
  readonly autocomplete?: string
}

/** The names of the fields that are wrong, perhaps each with a sentence that says why. */
export type Wrong = ReadonlySet<string> | ReadonlyMap<string, string>

export function inputPart(texts: Texts['form'], field: Field, wrong: Wrong): string {
  const { name, value, type = 'text', autocomplete } = field
  const complete = autocomplete === undefined ? '' : html`autocomplete="${autocomplete}"`
  return framePart(
    texts,
    field,
    wrong,
    html`<input
      class="kern-form-input__input ${wrong.has(name) ? 'kern-form-input__input--error' : ''}"
      id="${name}"
      name="${name}"
      type="${type}"
      value="${value}"
      !${complete}
      !${describedBy(field, wrong)}
    />`,
  )
}

/** The same for a text of several lines. */
export function areaPart(texts: Texts['form'], field: Field, wrong: Wrong): string {
  const { name, value } = field
  return framePart(
    texts,
    field,
    wrong,
    // The parser of HTML drops a line end right after the tag.
    html`<textarea
      class="kern-form-input__input ${wrong.has(name) ? 'kern-form-input__input--error' : ''}"
      id="${name}"
      name="${name}"
      rows="3"
      !${describedBy(field, wrong)}
    >
${value}</textarea>`,
  )
}

export interface Choice {
  readonly value: string
  readonly label: string
}

export function selectPart(
  texts: Texts['form'],
  field: Field,
  choices: readonly Choice[],
  wrong: Wrong,
): string {
  const options = choices.map(
    ({ value, label }) =>
      html`<option value="${value}" !${value === field.value ? 'selected' : ''}>${label}</option>`,
  )
  return framePart(
    texts,
    field,
    wrong,
    html`<div class="kern-form-input__select-wrapper">
      <select
        class="kern-form-input__select"
        id="${field.name}"
        name="${field.name}"
        !${describedBy(field, wrong)}
      >
        !${options}
      </select>
    </div>`,
  )
}

/** Leads to each wrong field, and takes the focus when the page has loaded. Empty without one. */
export function summaryPart(
  texts: Texts['form'],
  fields: readonly Field[],
  wrong: Wrong,
  message?: string,
): string {
  if (wrong.size === 0 && message === undefined) return ''
  const links = fields
    .filter(({ name }) => wrong.has(name))
    .map(({ name, label }) => html`<li><a class="kern-link" href="#${name}">${label}</a></li>`)
  const detail = message === undefined ? '' : html`<p class="kern-body" lang="en">${message}</p>`
  const body = html`!${detail}
    <ul class="plain">
      !${links}
    </ul>`
  return alertPart('danger', texts.wrong, body, true)
}

export function submitPart(label: string, look: 'primary' | 'secondary' = 'primary'): string {
  return html`<div>
    <button type="submit" class="kern-btn kern-btn--${look}">
      <span class="kern-label">${label}</span>
    </button>
  </div>`
}

/**
 * A form that is only a button, such as one in a row of a table.
 * @param of  what it is about, for those who read only the buttons
 */
export function buttonPart(asked: Asked, action: string, label: string, of?: string): string {
  return html`<form method="post" action="${action}">
    !${tokenPart(asked)}
    <button type="submit" class="kern-btn kern-btn--secondary kern-btn--x-small">
      <span class="kern-label"
        >${label}!${of === undefined ? '' : html`<span class="kern-sr-only">: ${of}</span>`}</span
      >
    </button>
  </form>`
}

/**
 * A link that looks like a button, to a page that asks before it does anything.
 * @param of  what it is about, for those who read only the links
 */
export function linkButtonPart(path: string, label: string, of?: string): string {
  return html`<a class="kern-btn kern-btn--secondary kern-btn--x-small" href="${path}">
    <span class="kern-label"
      >${label}!${of === undefined ? '' : html`<span class="kern-sr-only">: ${of}</span>`}</span
    >
  </a>`
}

function describedBy({ name, hint }: Field, wrong: Wrong): string {
  const ids = [
    ...(hint === undefined ? [] : [`${name}-hint`]),
    ...(wrong.has(name) ? [`${name}-error`] : []),
  ]
  const invalid = wrong.has(name) ? 'aria-invalid="true"' : ''
  return ids.length === 0 ? invalid : html`aria-describedby="${ids.join(' ')}" !${invalid}`
}

function framePart(
  texts: Texts['form'],
  { name, label, hint, isOptional = false }: Field,
  wrong: Wrong,
  control: string,
): string {
  const optional = isOptional
    ? html` <span class="kern-label__optional">${texts.optional}</span>`
    : ''
  const help =
    hint === undefined ? '' : html`<div class="kern-hint" id="${name}-hint">${hint}</div>`
  const error = wrong.has(name)
    ? html`<p class="kern-error" id="${name}-error">
        <span class="kern-icon kern-icon--danger" aria-hidden="true"></span>
        <span class="kern-body">${'get' in wrong ? (wrong.get(name) ?? '') : texts.check}</span>
      </p>`
    : ''
  return html`<div class="kern-form-input ${wrong.has(name) ? 'kern-form-input--error' : ''}">
    <label class="kern-label" for="${name}">${label}!${optional}</label>
    !${help} !${control} !${error}
  </div>`
}
