// The requests and background steps whose functions are counted.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Kontor, Offering } from './kontor.ts'

export interface Row {
  readonly name: string
  readonly description: string
  /** Does outside the measurement what must come before. */
  prepare(): Promise<Measured>
}

/** @returns false when there was nothing to do yet, so that it must be measured again */
export type Measured = () => Promise<boolean>

const space = { organization_guid: 'organisation', space_guid: 'space' }
const context = { platform: 'cloudfoundry', ...space }
const parameters = { users: 25 }
const mayWait = 'accepts_incomplete=true'

export function rowsOf(kontor: Kontor): readonly Row[] {
  return [...orderRows(kontor), ...otherRows(kontor)]
}

function orderRows(kontor: Kontor): Row[] {
  const { send, synchronous } = kontor
  const [planId, otherPlanId] = synchronous.planIds
  const ids = { service_id: synchronous.serviceId, plan_id: planId }
  const provision = async () => (await order(kontor, synchronous, 201)).path
  const bind = async (instance: string): Promise<string> => {
    const path = `${instance}/service_bindings/${randomUUID()}`
    await send(201, 'PUT', `${path}?${mayWait}`, { ...ids, context, parameters })
    return path
  }
  const remove = async (path: string) =>
    send(200, 'DELETE', `${path}?${mayWait}&${new URLSearchParams(ids).toString()}`)
  const update = async (path: string) =>
    send(200, 'PATCH', `${path}?${mayWait}`, {
      ...ids,
      plan_id: otherPlanId,
      context,
      parameters,
      previous_values: ids,
    })
  return [
    row('provision', 'PUT of an instance, synchronous', async () => () => provision()),
    row('update', 'PATCH of an instance, synchronous', async () => {
      const instance = await provision()
      return () => update(instance)
    }),
    row('bind', 'PUT of a binding, synchronous', async () => {
      const instance = await provision()
      return () => bind(instance)
    }),
    row('unbind', 'DELETE of a binding, synchronous', async () => {
      const binding = await bind(await provision())
      return () => remove(binding)
    }),
    row('deprovision', 'DELETE of an instance, synchronous', async () => {
      const instance = await provision()
      return () => remove(instance)
    }),
  ]
}

function otherRows(kontor: Kontor): Row[] {
  const { send } = kontor
  let endless: Ordered | undefined
  const inProgress = async () => (endless ??= await order(kontor, kontor.endless, 202))
  return [
    row('catalog', 'GET of the catalog', async () => async () => send(200, 'GET', '/v2/catalog')),
    // Before the rows that leave an operation in progress: that one would be due at the same time.
    {
      name: 'last-step',
      description: 'step of the worker: a poll that ends the operation',
      prepare: async () => {
        await order(kontor, kontor.asynchronous, 202)
        return () => oneStep(kontor)
      },
    },
    row('poll', 'GET of the last operation, in progress', async () => {
      const { path, operation } = await inProgress()
      const query = new URLSearchParams({ operation }).toString()
      return async () => send(200, 'GET', `${path}/last_operation?${query}`)
    }),
    {
      name: 'step',
      description: 'step of the worker: a poll, the operation goes on',
      prepare: async () => {
        await inProgress()
        return () => oneStep(kontor)
      },
    },
  ]
}

function row(
  name: string,
  description: string,
  prepare: () => Promise<() => Promise<unknown>>,
): Row {
  return {
    name,
    description,
    prepare: async () => {
      const act = await prepare()
      return async () => {
        await act()
        return true
      }
    },
  }
}

interface Ordered {
  readonly path: string
  /** Of an asynchronous order: what a platform sends with each poll. */
  readonly operation: string
}

/** Orders an instance. */
async function order({ send }: Kontor, offering: Offering, status: number): Promise<Ordered> {
  const path = `/v2/service_instances/${randomUUID()}`
  const [planId] = offering.planIds
  const body = { service_id: offering.serviceId, plan_id: planId, ...space, context, parameters }
  const { operation } = await send(status, 'PUT', `${path}?${mayWait}`, body)
  return { path, operation: String(operation) }
}

async function oneStep(kontor: Kontor): Promise<boolean> {
  const due = await kontor.runDueSteps()
  if (due > 1) throw new Error(`${due} operations were due, so this is not the way of one.`)
  if (due === 0) await delay(50)
  return due === 1
}
