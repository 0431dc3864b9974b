import t from 'tap'
import { countTests } from '../../scripts/count-tests.ts'

t.test('the innermost tests count, their groups and assertions do not', async (t) => {
  t.strictSame(
    countTests(`TAP version 14
# Subtest: test/a.test.ts
    # Subtest: one
        ok 1 - should be equal
        1..1
    ok 1 - one # time=6.304ms
    # Subtest: group
        # Subtest: inner
            not ok 1 - should be equal
              ---
              source: |
                ok 1 - not a test
              ...
            1..1
        not ok 1 - inner
        # Subtest: other
            1..0
        ok 2 - other
    not ok 2 - group
    ok 3 - later # SKIP
    1..3
not ok 1 - test/a.test.ts # time=50.661ms
1..1`),
    { passed: 2, failed: 1, skipped: 1 },
  )
})

t.test('a file that crashed counts as failed, whatever passed before', async (t) => {
  t.strictSame(
    countTests(`# Subtest: test/crash.test.ts
    # Subtest: fine
        ok 1 - should be equal
        1..1
    ok 1 - fine
    # Subtest: cut off
        ok 1 - should be equal
    1..0 # no tests found
not ok 1 - test/crash.test.ts
# Subtest: test/load.test.ts
    1..0 # no tests found
not ok 2 - test/load.test.ts`),
    { passed: 1, failed: 2, skipped: 0 },
  )
})

t.test('a file of bare assertions is one test, an empty file none', async (t) => {
  t.strictSame(
    countTests(`# Subtest: test/bare.test.ts
    ok 1 - should be equal
    ok 2 - should be equal
    1..2
ok 1 - test/bare.test.ts
# Subtest: test/empty.test.ts
    1..0 # no tests found
ok 2 - test/empty.test.ts # SKIP no tests found`),
    { passed: 1, failed: 0, skipped: 0 },
  )
})
