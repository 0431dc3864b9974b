import type { Details } from '../audit/event.ts'
import { originOf } from '../backends/registry.ts'
import type { UpdateProvider } from '../types.gen.ts'
import type { Provider } from './provider.ts'

/** What the audit is told of a change: which fields, where from and where to, whether by other credentials. No values but these. */
export function describeChange(
  change: UpdateProvider,
  { backend, settings: before }: Provider,
): Details {
  const settings: Readonly<Record<string, unknown>> = { ...(change.settings ?? before) }
  const [from, to] = [originOf(backend, before), originOf(backend, settings)]
  const changed = [...new Set([...Object.keys(before), ...Object.keys(settings)])]
    .filter((name) => before[name] !== settings[name])
    .toSorted()
  return {
    fields: Object.keys(change)
      .flatMap((field) =>
        field === 'settings' ? changed.map((name) => `settings.${name}`) : [field],
      )
      .join(','),
    credentialsReplaced: change.credentials !== undefined,
    ...(from === to ? {} : { fromOrigin: from, toOrigin: to }),
  }
}
