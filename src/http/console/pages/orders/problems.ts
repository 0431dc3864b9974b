// What hinders an order, in the reader's language.
import { html } from 'ghtml'
import { explain } from '../../../../forms/explain.ts'
import type { Form, FormError } from '../../../../forms/form.ts'
import { placeErrors, sentenceOf as sentenceOfFault } from '../../../../forms/sentences.ts'
import type { OrderProblem } from '../../../../types.gen.ts'
import type { Asked } from '../../asked.ts'

const parameters = '/parameters'

export function sentenceOf({ texts }: Asked, { code }: OrderProblem): string {
  const { sentences, other } = texts.orderProblems
  return Object.hasOwn(sentences, code) ? (sentences[code] ?? other) : other
}

/** The problems of parameters, as errors of their form. */
export function faultsOf(problems: readonly OrderProblem[]): readonly FormError[] {
  return problems.flatMap(({ field, values: { keyword, ...params } }) =>
    field?.startsWith(parameters) === true && typeof keyword === 'string'
      ? [explain({ instancePath: field.slice(parameters.length), keyword, params })]
      : [],
  )
}

/**
 * A list of them, each with what the system says.
 * @param form  names the fields of parameters
 */
export function problemList(asked: Asked, problems: readonly OrderProblem[], form?: Form): string {
  const { system } = asked.texts.orderProblems
  return html`<ul class="kern-list kern-list--bullet">
    !${problems.map(
      (problem) =>
        html`<li>
          ${faultOf(asked, problem, form) ?? labelOf(asked, problem) + sentenceOf(asked, problem)}
          !${
            problem.code === 'missing'
              ? ''
              : html`<br /><span class="kern-body kern-body--small"
                    >${system} <q lang="en">${problem.detail}</q></span
                  >`
          }
        </li>`,
    )}
  </ul>`
}

/** What is wrong with a field of the parameters; undefined: the problem is another one. */
function faultOf({ language }: Asked, problem: OrderProblem, form?: Form): string | undefined {
  const [placed] = form === undefined ? [] : placeErrors(form, faultsOf([problem]))
  if (placed === undefined) return undefined
  const label = placed.label[language]
  return (label === '' ? '' : `${label}: `) + sentenceOfFault(placed.error, language)
}

function labelOf({ texts }: Asked, { field }: OrderProblem): string {
  const labels: Readonly<Record<string, unknown>> = texts.orders.form
  const name = field?.slice(1) ?? ''
  const label = Object.hasOwn(labels, name) ? labels[name] : undefined
  return typeof label === 'string' ? `${label}: ` : ''
}
