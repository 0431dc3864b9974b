// What counts as memory in use: what is referenced now, not what the process once had.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { memoryGauge } from '../../src/http/limits/memory.ts'
import { until } from '../support/kontor.ts'

t.test('buffers count while they are referenced, and no longer', async (t) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const container = 2 ** 30
  const percent = memoryGauge(container)
  collect()
  const before = percent()
  t.ok(before > 0 && before < 50, `${before} % of a gigabyte`)
  let held: Buffer[] = Array.from({ length: 40 }, () => Buffer.alloc(10 * 2 ** 20, 1))
  const during = percent()
  t.ok(during > before + 35 && during < before + 60, `${during} % with 400 MB`)
  t.equal(held.length, 40)
  held = []
  // V8 frees collected buffers in the background.
  await until(
    () => {
      collect()
      return percent()
    },
    (after) => after < before + 5,
    10_000,
  )
})

t.test('heap counts as a share of the limit of V8, whatever memory the machine has', async (t) => {
  const percent = memoryGauge(0)
  const before = percent()
  const held = Array.from({ length: 3_000_000 }, (_, each) => ({ each }))
  t.ok(percent() > before + 1, `${before} % to ${percent()} %`)
  t.equal(held.length, 3_000_000)
})
