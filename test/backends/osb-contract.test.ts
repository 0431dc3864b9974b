// The contract of all back ends, for synchronous and for asynchronous OSB brokers.
import t, { type Test } from 'tap'
import { osbBackend } from '../../src/backends/osb.ts'
import { startSimulator } from '../../tools/simulator/start.ts'
import { loopback } from '../support/scripted-upstream.ts'
import { backendContract, type Subject } from './contract.ts'

const catalog = {
  services: [
    {
      id: 'service-1',
      name: 'database',
      description: 'A database.',
      bindable: true,
      plan_updateable: true,
      instances_retrievable: true,
      bindings_retrievable: true,
      plans: [
        { id: 'plan-1', name: 'small', description: 'Small.' },
        { id: 'plan-2', name: 'large', description: 'Large.' },
      ],
    },
  ],
}
const credentials = { username: 'contract-user', password: 'contract-password' }

const seconds = {
  provisionSeconds: 0.05,
  updateSeconds: 0.05,
  deprovisionSeconds: 0.05,
  bindSeconds: 0.05,
  unbindSeconds: 0.05,
}
const behaviours = {
  synchronous: { mode: 'sync' },
  asynchronous: { mode: 'async', asyncBinding: true, operationStyle: 'odd', ...seconds },
  'asynchronous without operation': {
    mode: 'async',
    asyncBinding: true,
    operationStyle: 'none',
    goneAfterDelete: false,
    ...seconds,
  },
} as const

for (const [name, behaviour] of Object.entries(behaviours)) {
  void t.test(name, (t) =>
    backendContract(t, async (t: Test): Promise<Subject> => {
      const simulator = await startSimulator({
        catalog,
        ...credentials,
        behaviours: { '*': behaviour },
        pathPrefix: '/prefix',
      })
      const backend = osbBackend(
        { url: `${simulator.url}/`, timeoutSeconds: 5 },
        credentials,
        loopback,
      )
      t.teardown(async () => {
        await backend.close()
        await simulator.stop()
      })
      const secrets = [credentials.password, '127.0.0.1', String(simulator.port)]
      return {
        backend,
        serviceId: 'service-1',
        planId: 'plan-1',
        otherPlanId: 'plan-2',
        bindable: true,
        secrets,
        unplug: () => simulator.stop(),
      }
    }),
  )
}
