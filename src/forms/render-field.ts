// What all fields have around their control, in the markup of KERN UX. In ghtml's templates `!`
// before a placeholder writes it as it is: only for HTML.
import { html } from 'ghtml'
import type { Field } from './form.ts'
import { sentenceOf, textsIn, type PlacedError } from './sentences.ts'
import type { Language } from '../types.gen.ts'

/** One form being drawn. */
export interface Rendering {
  readonly language: Language
  /** By the pointer of the field that shows them. */
  readonly errors: ReadonlyMap<string, readonly PlacedError[]>
  /** The pointer of the part that takes the focus; undefined: none does. */
  readonly focus?: string | undefined
}

/** An id without characters that a link would have to encode. */
export function idOf(pointer: string): string {
  const encoded = pointer.replaceAll(
    /[^\w/-]/g,
    (character) => `.${(character.codePointAt(0) ?? 0).toString(16)}.`,
  )
  return `field${encoded}`
}

function errorsAt({ errors }: Rendering, pointer: string): readonly PlacedError[] {
  return errors.get(pointer) ?? []
}

/** The attributes as HTML; without those that are undefined. */
export function attributes(values: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(values)
    .map(([name, value]) => (value === undefined ? '' : html` ${name}="${value}"`))
    .join('')
}

/** What a part around fields has: where links lead, and the focus when a button has changed it. */
export function partAttributes({ focus }: Rendering, pointer: string): string {
  return html`id="${idOf(pointer)}" !${focus === pointer ? 'tabindex="-1" autofocus' : ''}`
}

export function hidden(name: string, value: string | undefined): string {
  return value === undefined ? '' : html`<input type="hidden" name="${name}" value="${value}" />`
}

/** Name, error and hints of a control. */
export function controlAttributes(rendering: Rendering, field: Field, hints: boolean) {
  const id = idOf(field.pointer)
  const hasError = errorsAt(rendering, field.pointer).length > 0
  const described = [hints ? `${id}-hint` : '', hasError ? `${id}-error` : '']
    .filter((each) => each !== '')
    .join(' ')
  return {
    'aria-describedby': described === '' ? undefined : described,
    'aria-invalid': hasError ? 'true' : undefined,
    'aria-required': field.isRequired ? 'true' : undefined,
  }
}

export function labelText({ language }: Rendering, field: Field): string {
  const optional = field.isRequired
    ? ''
    : html` <span class="kern-label__optional">(${textsIn(language).optional})</span>`
  return html`${field.label[language]}!${optional}`
}

/** Help and limits; empty if there are none. */
export function hintOf(rendering: Rendering, field: Field, sentences: readonly string[]): string {
  const help = field.help?.[rendering.language] ?? ''
  if (help === '' && sentences.length === 0) return ''
  const limits = sentences.join(' ')
  return html`<div class="kern-hint" id="${idOf(field.pointer)}-hint">
    !${linked(help)} ${limits}
  </div>`
}

/** Addresses in a provider's text become links, but only of https, and with the address to see. */
function linked(text: string): string {
  return text
    .split(/(https:\/\/[\w.-]+(?::\d+)?(?:\/[\w./?&#%~+=-]*)?(?<![.?]))/)
    .map((part, index) =>
      index % 2 === 0
        ? html`${part}`
        : html`<a class="kern-link" href="${part}" rel="noopener noreferrer">${part}</a>`,
    )
    .join('')
}

export function errorOf(rendering: Rendering, { pointer }: Field): string {
  const errors = errorsAt(rendering, pointer)
  if (errors.length === 0) return ''
  const sentences = new Set(errors.map(({ error }) => sentenceOf(error, rendering.language)))
  return html`<p class="kern-error" id="${idOf(pointer)}-error">
    <span class="kern-icon kern-icon--danger" aria-hidden="true"></span>
    <span class="kern-body">${[...sentences].join(' ')}</span>
  </p>`
}

/** The class of a control with an error. */
export function errorClass(
  rendering: Rendering,
  { pointer }: { pointer: string },
  name: string,
): string {
  return errorsAt(rendering, pointer).length > 0 ? name : ''
}

/** A control below its label. */
export function inputField(
  rendering: Rendering,
  field: Field,
  parts: { readonly hint: string; readonly control: string },
): string {
  const error = errorOf(rendering, field)
  return html`<div class="kern-form-input !${error && ' kern-form-input--error'}">
    <label class="kern-label" for="${idOf(field.pointer)}">!${labelText(rendering, field)}</label>
    !${parts.hint} !${parts.control} !${error}
  </div>`
}

/** Several controls below one legend. */
export function fieldset(
  rendering: Rendering,
  field: Field,
  parts: { readonly hint: string; readonly body: string; readonly legend?: string },
): string {
  const error = errorOf(rendering, field)
  const described = controlAttributes(rendering, field, parts.hint !== '')['aria-describedby']
  return html`<fieldset
    class="kern-fieldset !${error && 'kern-fieldset--error'}"
    !${attributes({ 'aria-describedby': described })}
  >
    <legend class="kern-label">!${parts.legend ?? labelText(rendering, field)}</legend>
    !${parts.hint}
    <div class="kern-fieldset__body">!${parts.body}</div>
    !${error}
  </fieldset>`
}

export function button(name: string, label: string, kind: 'secondary' | 'tertiary'): string {
  return html`<button type="submit" class="kern-btn kern-btn--!${kind}" name="${name}" value="1">
    <span class="kern-label">${label}</span>
  </button>`
}
