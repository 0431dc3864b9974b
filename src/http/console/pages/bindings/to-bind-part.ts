import { html } from 'ghtml'
import { mayBind } from '../../../../orders/act-on-binding.ts'
import type { InstanceView } from '../../../../types.gen.ts'
import { readerOf, type Asked } from '../../asked.ts'

/** The way to the form for a binding, where the reader may order one. */
export function toBindPart(asked: Asked, view: InstanceView): string {
  if (!mayBind(asked.deps, readerOf(asked), view)) return ''
  return html`<p class="kern-body">
    <a class="kern-link" href="/instances/${view.id}/bind">${asked.texts.bindings.toCreate}</a>
  </p>`
}
