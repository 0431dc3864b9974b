import t from 'tap'
import { createLevel } from '../../src/http/limits/level.ts'

t.test(
  'pressure begins at once, and ends one level at a time when it has been low for two seconds',
  async (t) => {
    const judge = createLevel({ strained: 100, overloaded: 300, release: 0.5 })
    const seen: ReadonlyArray<readonly [nowMs: number, value: number, level: number, why: string]> =
      [
        [0, 99, 0, 'below the limit'],
        [250, 100, 1, 'at the limit'],
        [500, 60, 1, 'between release and limit, for however long'],
        [9_000, 60, 1, ''],
        [9_250, 49, 1, 'low'],
        [11_000, 49, 1, 'not for long enough'],
        [11_100, 55, 1, 'up again: from the start'],
        [11_200, 0, 1, ''],
        [13_199, 0, 1, ''],
        [13_200, 0, 0, 'two seconds'],
        [13_300, 5_000, 2, 'straight to the top'],
        [13_400, 120, 2, ''],
        [15_400, 120, 1, 'low for the top'],
        [17_400, 0, 1, 'low from here on'],
        [19_399, 0, 1, ''],
        [19_400, 0, 0, 'over'],
      ]
    for (const [nowMs, value, level, why] of seen)
      t.equal(judge(value, nowMs), level, `${value} at ${nowMs}: ${why}`)
  },
)
