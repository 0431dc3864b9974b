import t from 'tap'
import { readRows } from '../faults/invariants.ts'
import { finished, here, startKontor, until, type TestKontor } from '../support/kontor.ts'

const at = (id: string) => `/v2/service_instances/${id}?accepts_incomplete=true`
const each = async (count: number, make: (n: number) => Promise<unknown>) => {
  await Promise.all(Array.from({ length: count }, (_, n) => make(n)))
}

/**
 * The median time of five consecutive orders, from the request to the end that the platform sees.
 */
async function usualMs({ call }: TestKontor, name: string, ids: object): Promise<number> {
  const took: number[] = []
  for (let n = 0; n < 5; n++) {
    const started = performance.now()
    const { body } = await call('PUT', at(`${name}-${n}`), { ...ids, ...here })
    const end = await finished(call, `/v2/service_instances/${name}-${n}`, body.operation)
    if (end.body.state !== 'succeeded') throw new Error(end.text)
    took.push(performance.now() - started)
  }
  return took.toSorted((a, b) => a - b)[2] ?? 0
}

t.test(
  "a provider that hangs, with hundreds of orders and operations, does not delay another's orders",
  async (t) => {
    const kontor = await startKontor(t, { environment: { KONTOR_INLINE_SECONDS: '0.05' } })
    const { call } = kontor
    const { simulator: slow } = await kontor.addProvider('slow', {
      behaviours: { '*': { mode: 'async', provisionSeconds: 3_600 } },
      settings: { timeoutSeconds: 55 },
    })
    await kontor.addProvider('quick', {
      behaviours: { '*': { mode: 'async', provisionSeconds: 0.5 } },
    })
    const [slowIds, quickIds] = [
      await kontor.find('slow', 'db', 'small'),
      await kontor.find('quick', 'db', 'small'),
    ]
    const before = await usualMs(kontor, 'before', quickIds)

    // Hundreds of operations in progress, then no more answers, then hundreds of queued orders.
    await each(150, (n) => call('PUT', at(`pending-${n}`), { ...slowIds, ...here }))
    await until(
      () => readRows(kontor),
      ({ running }) => running.filter(({ state }) => state === 'waiting').length >= 100,
      60_000,
    )
    slow.faults.add({ on: 'any', times: 0, do: { hang: true } })
    await each(150, (n) => call('PUT', at(`queued-${n}`), { ...slowIds, ...here }))
    const taken = async () =>
      Number(
        /^kontor_provider_slots_taken\{provider="slow"\} (\d+)$/m.exec(
          (await call('GET', '/metrics')).text,
        )?.[1],
      )
    await until(taken, (count) => count >= 16, 60_000)

    const during = await usualMs(kontor, 'during', quickIds)
    t.ok(
      during < 3 * before + 2_000,
      `${Math.round(during)} ms beside the one that hangs, ${Math.round(before)} ms without`,
    )
    const { running } = await readRows(kontor)
    t.ok(running.length >= 290, `${running.length} orders of the other are still under way`)
    t.ok((await taken()) <= 20, 'it uses no more than its own slots')
  },
)
