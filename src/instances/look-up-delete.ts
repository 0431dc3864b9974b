import type {
  Backend,
  Fetched,
  FetchedBinding,
  Nothing,
  ProgressQuery,
} from '../backends/backend.ts'
import type { LookUpResult } from '../operations/operation-handler.ts'

/**
 * Whether a delete that got no answer took effect.
 * @param fetch  reads the instance or binding; undefined: the provider does not let it be fetched
 */
export async function lookUpDelete(
  backend: Backend,
  signal: AbortSignal,
  query: ProgressQuery,
  fetch: (() => Promise<Fetched<unknown> | FetchedBinding>) | undefined,
): Promise<LookUpResult<Nothing>> {
  const progress = await backend.progress(query, signal)
  if (progress.kind === 'running') return { kind: 'still_running' }
  if (progress.kind === 'gone') return { kind: 'took_effect', result: {} }
  const noEffect = { kind: 'no_effect', description: 'The delete got no answer.' } as const
  if (fetch === undefined) return noEffect
  const fetched = await fetch()
  switch (fetched.kind) {
    case 'missing':
      return { kind: 'took_effect', result: {} }
    case 'found':
    case 'invalid':
    case 'unsupported':
      return noEffect
    case 'busy':
      return { kind: 'cannot_tell', description: noEffect.description }
    case 'unclear':
      return { kind: 'cannot_tell', description: fetched.description }
    default:
      return fetched satisfies never
  }
}
