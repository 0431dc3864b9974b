import { isDeepStrictEqual } from 'node:util'
import type { Details } from '../audit/event.ts'
import { originOf } from '../backends/registry.ts'
import type { UpdateProvider } from '../types.gen.ts'
import { originOfUrl } from './origins.ts'
import type { Origins, Provider } from './provider.ts'

/**
 * The details of a change in its audit event: which fields, the new revision, the old and the new
 * origin, whether the credentials were replaced, and the approved origins if those changed. No
 * other values.
 */
export function describeChange(
  change: UpdateProvider,
  { backend, settings: before, approvedOrigins, revision }: Provider,
  { approvedOrigins: approved }: Origins,
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
    revision: revision + 1,
    credentialsReplaced: change.credentials !== undefined,
    ...(from === to ? {} : { fromOrigin: from, toOrigin: to }),
    ...(isDeepStrictEqual(approvedOrigins.map(originOfUrl), approved)
      ? {}
      : { approvedOrigins: approved.join(',') }),
  }
}
