// A provider and its reconciliations, for the tests of this folder.
import { basicAuth } from '../support/basic-auth.ts'
import {
  caller,
  until,
  type ProviderOptions,
  type Reply,
  type TestKontor,
  type TestProvider,
} from '../support/kontor.ts'
import type { FindingView, ReconciliationView } from '../../src/types.gen.ts'

export interface Reconciled extends TestProvider {
  /** Runs it to its end. */
  reconcile(): Promise<ReconciliationView>
  findings(query?: string): Promise<FindingView[]>
  /** Kind, what it is and the platform's own id of each open finding, in order. */
  open(): Promise<string[]>
}

export const byListing = { settings: { inventoryPath: '/inventory' } }

export async function addReconciled(
  kontor: TestKontor,
  name: string,
  options: ProviderOptions = {},
): Promise<Reconciled> {
  const provider = await kontor.addProvider(name, options)
  return { ...provider, ...reconciliationOf(kontor, provider.view.id) }
}

export function reconciliationOf(
  { admin }: Pick<TestKontor, 'admin'>,
  id: string,
): Omit<Reconciled, keyof TestProvider> {
  const findings = async (query = ''): Promise<FindingView[]> =>
    okay(await admin('GET', `/api/providers/${id}/findings${query}`)).body.items
  return {
    findings,
    async reconcile() {
      const started = await admin('POST', `/api/providers/${id}/reconcile`)
      if (started.status !== 202) throw new Error(`The run was not started: ${started.text}`)
      return over({ admin }, String(started.headers['location']))
    },
    open: async () =>
      (await findings())
        .map(
          ({ kind, object, instanceId, bindingId }) =>
            `${kind} ${object} ` +
            `${(object === 'instance' ? instanceId : bindingId) ?? 'of no platform'}`,
        )
        .toSorted(),
  }
}

/** Waits for the end of a run. */
export async function over(
  { admin }: Pick<TestKontor, 'admin'>,
  at: string,
): Promise<ReconciliationView> {
  const reply = await until(
    () => admin('GET', at),
    ({ status, body }) => status === 200 && body.finishedAt !== null,
  )
  return reply.body as ReconciliationView
}

export function okay(reply: Reply): Reply {
  if (reply.status >= 300) throw new Error(`It did not go through: ${reply.status} ${reply.text}`)
  return reply
}

/** Changes something at a provider without Kontor, by a call to its own broker. */
export async function changeAtProvider(
  { simulator, password }: TestProvider,
  method: string,
  path: string,
  body?: object,
): Promise<void> {
  const call = caller(simulator.url, {
    'x-broker-api-version': '2.17',
    authorization: basicAuth('kontor', password),
  })
  okay(await call(method, `/v2/service_instances/${path}`, body))
}
