import { html } from 'ghtml'
import type { BindingView } from '../../../../types.gen.ts'
import type { Asked } from '../../asked.ts'
import { dateTime } from '../../format.ts'
import { platformName } from '../../names.ts'
import { bindingState } from './list-parts.ts'

/** Bindings with their expiry, as `tablePart` takes them. */
export function bindingsTable(
  asked: Asked,
  items: readonly BindingView[],
  which: 'of one instance' | 'with their instances',
): { readonly head: readonly string[]; readonly rows: ReadonlyArray<readonly string[]> } {
  const { instance, binding, state, expires, created, offering, platform } = asked.texts.instances
  const isWhole = which === 'with their instances'
  const when = (text: string | null) =>
    text === null ? '' : html`${dateTime(asked.language, new Date(text))}`
  return {
    head: [
      ...(isWhole ? [instance] : []),
      binding,
      state,
      expires,
      created,
      ...(isWhole ? [offering, platform] : []),
    ],
    rows: items.map((view) => [
      ...(isWhole
        ? [
            html`<a class="kern-link" href="/instances/${view.instance.id}"
              >${view.instance.name ?? view.instance.instanceId}</a
            >`,
          ]
        : []),
      html`<a class="kern-link id" href="/bindings/${view.id}">${view.bindingId}</a>`,
      bindingState(asked, view),
      when(view.expiresAt),
      when(view.createdAt),
      ...(isWhole ? [html`${view.offering.name}`, html`${platformName(view.platform)}`] : []),
    ]),
  }
}
