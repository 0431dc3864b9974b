import { html } from 'ghtml'
import { mayIn } from '../../../../people/person.ts'
import { validatorOf } from '../../../../schemas.ts'
import type { InstanceView, UpdateInstance } from '../../../../types.gen.ts'
import { readerOf, type Asked } from '../../asked.ts'
import { areaPart, submitPart, summaryPart, type Wrong } from '../../fields-part.ts'
import { hiddenPart } from '../../form-page.ts'
import { textOf, tokenPart, type Form } from '../../forms.ts'

/** Labels that were entered and refused. */
export interface RefusedLabels {
  readonly entered: string
  /** Why, if the verb has said it. */
  readonly message?: string
}

const none: ReadonlySet<string> = new Set()

/** The form for the labels, for those who may change them; empty for others. */
export function labelsPart(asked: Asked, view: InstanceView, refused?: RefusedLabels): string {
  if (view.organisation === null) return ''
  if (!mayIn(readerOf(asked), view.organisation.id, 'orderer')) return ''
  const { form, instances } = asked.texts
  const { labelling: t } = instances
  const shown = linesOf(view.labels)
  const field = {
    name: 'labels',
    label: instances.labels,
    hint: t.hint,
    value: refused?.entered ?? shown,
    isOptional: true,
  }
  const wrong: Wrong = refused === undefined ? none : new Map([[field.name, t.wrong]])
  return html`<h2 class="kern-heading-medium">${t.title}</h2>
    !${summaryPart(form, [field], wrong, refused?.message)}
    <form class="form" method="post" action="/instances/${view.id}/labels" novalidate>
      !${tokenPart(asked)} !${hiddenPart(['shown', shown])} !${areaPart(form, field, wrong)}
      !${submitPart(t.send, 'secondary')}
    </form>`
}

/**
 * What the form changes. Labels that were set since it was drawn stay.
 * @returns undefined: a line is no label, or two are of one key
 */
export function labelsIn(form: Form): UpdateInstance | undefined {
  const [before, after] = [readLines(textOf(form, 'shown')), readLines(textOf(form, 'labels'))]
  if (before === undefined || after === undefined) return undefined
  const gone = Array.from(before.keys()).filter((key) => !after.has(key))
  const set = Array.from(after).filter(([key, value]) => before.get(key) !== value)
  const labels = [...gone.map((key) => [key, null] as const), ...set]
  const change: unknown = { labels: Object.fromEntries(labels) }
  return validatorOf('update-instance')(change) ? change : undefined
}

function linesOf(labels: InstanceView['labels']): string {
  return Object.entries(labels)
    .map((pair) => pair.join('='))
    .join('\n')
}

function readLines(text: string): ReadonlyMap<string, string> | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const labels = new Map<string, string>()
  for (const line of lines) {
    const at = line.indexOf('=')
    const key = line.slice(0, at).trim()
    if (at < 1 || labels.has(key)) return undefined
    labels.set(key, line.slice(at + 1).trim())
  }
  return labels
}
