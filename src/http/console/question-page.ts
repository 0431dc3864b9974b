import { html } from 'ghtml'
import type { Asked, Page, PageAnswer } from './asked.ts'
import { submitPart } from './fields-part.ts'
import { tokenPart } from './forms.ts'
import type { PagePermission } from './permission.ts'
import { refusalOf, refusalPart } from './refusal.ts'
import { factsPart } from './table-part.ts'

/** What a page asks before something ends. */
export interface Question {
  /** Of the page and of the target. */
  readonly path: string
  readonly title: string
  /** Where one goes who does not want it. */
  readonly back: { readonly path: string; readonly label: string }
  /** Names exactly what ends, and for whom. */
  readonly facts: ReadonlyArray<readonly [name: string, value: string | null | undefined]>
  readonly consequence: string
  readonly send: string
}

/**
 * The page that asks, and the target of its one button.
 * @param act  what the button does; returns the page to go to. A refusal is shown with the question
 */
export function questionPages(
  permission: PagePermission,
  of: (asked: Asked) => Promise<Question>,
  act: (asked: Asked) => Promise<string>,
): readonly [page: Page, target: Page] {
  const answer = async (asked: Asked): Promise<PageAnswer> => {
    try {
      return { redirect: await act(asked) }
    } catch (error) {
      const message = refusalOf(error)
      if (message === undefined) throw error
      return questionAnswer(asked, await of(asked), message)
    }
  }
  return [
    { permission, answer: async (asked) => questionAnswer(asked, await of(asked)) },
    { permission, answer },
  ]
}

/** @param message  why the answer was refused */
export function questionAnswer(
  asked: Asked,
  { path, title, back, facts, consequence, send }: Question,
  message?: string,
): PageAnswer {
  return {
    title,
    status: message === undefined ? 200 : 400,
    body: html`<p class="kern-body">
        <a class="kern-link" href="${back.path}">${back.label}</a>
      </p>
      <h1 class="kern-heading-x-large">${title}</h1>
      !${refusalPart(asked, message)} !${factsPart(facts)}
      <p class="kern-body"><strong>${consequence}</strong></p>
      <form method="post" action="${path}">!${tokenPart(asked)} !${submitPart(send)}</form>`,
  }
}
