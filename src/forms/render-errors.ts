import { html } from 'ghtml'
import type { Form, FormError } from './form.ts'
import { idOf } from './render-field.ts'
import { placeErrors, sentenceOf, textsIn } from './sentences.ts'
import type { Language } from '../types.gen.ts'

/** An error of a control that stands beside the form, or of none. */
export interface OtherError {
  /** Of the control. */
  readonly id?: string
  readonly sentence: string
  /** What the system says, in English. */
  readonly quoted?: string
}

/**
 * What is wrong, with links to the fields; empty if nothing is.
 * @param others  come first
 */
export function renderErrors(
  form: Form,
  language: Language,
  errors: readonly FormError[],
  others: readonly OtherError[] = [],
): string {
  if (errors.length === 0 && others.length === 0) return ''
  const { errorTitle } = textsIn(language)
  const own = placeErrors(form, errors).map(({ error, pointer, label }) => {
    const name = label[language] === '' ? '' : `${label[language]}: `
    return { id: idOf(pointer), sentence: name + sentenceOf(error, language) }
  })
  const items = [...others, ...own].map(({ id, sentence, quoted }: OtherError) => {
    const text =
      id === undefined
        ? html`${sentence}`
        : html`<a class="kern-link" href="#${id}">${sentence}</a>`
    return html`<li>!${text} !${quoted === undefined ? '' : html`<q lang="en">${quoted}</q>`}</li>`
  })
  return html`<div
    class="kern-alert kern-alert--danger"
    role="alert"
    id="errors"
    tabindex="-1"
    autofocus
  >
    <div class="kern-alert__header">
      <span class="kern-icon kern-icon--danger" aria-hidden="true"></span>
      <span class="kern-title">${errorTitle}</span>
    </div>
    <div class="kern-alert__body">
      <ul class="kern-list kern-list--bullet">
        !${items}
      </ul>
    </div>
  </div>`
}
