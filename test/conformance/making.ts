// Instances for conformance tests, each with a new id.
import { finished, here, type Reply, type TestKontor } from '../support/kontor.ts'

export const ai = 'accepts_incomplete=true'

export interface PlanIds {
  readonly service_id: string
  readonly plan_id: string
}

/** An instance, the path of its binding, and the query of a DELETE of either. */
export interface Made {
  readonly ids: PlanIds
  readonly I: string
  readonly B: string
  readonly query: string
}

/** `name` names a new instance of a plan; `make` also orders it and waits until it is ready. */
export function maker({ call }: Pick<TestKontor, 'call'>): {
  name(ids: PlanIds): Made
  make(ids: PlanIds, more?: object): Promise<Made>
} {
  let count = 0
  const name = (ids: PlanIds): Made => {
    const I = `/v2/service_instances/instance-${++count}`
    return {
      ids,
      I,
      B: `${I}/service_bindings/binding-${count}`,
      query: `service_id=${ids.service_id}&plan_id=${ids.plan_id}`,
    }
  }
  return {
    name,
    async make(ids, more = {}) {
      const made = name(ids)
      const ordered = await call('PUT', `${made.I}?${ai}`, { ...ids, ...here, ...more })
      const end =
        ordered.status === 202 ? await finished(call, made.I, ordered.body.operation) : undefined
      if (ordered.status >= 300 || end?.body.state === 'failed')
        throw new Error(`The instance was not made: ${ordered.text} ${end?.text ?? ''}`)
      return made
    },
  }
}

export const statusAndWord = ({ status, body }: Reply): [number, string | undefined] => [
  status,
  body?.error,
]
