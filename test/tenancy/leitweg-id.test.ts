import fc from 'fast-check'
import t from 'tap'
import { checkDigits, parseLeitwegId } from '../../src/tenancy/leitweg-id.ts'

const coarse = fc.stringMatching(/^[0-9]{2,12}$/)
const fine = fc.option(fc.stringMatching(/^[0-9A-Z]{1,30}$/), { nil: undefined })
const whole = fc
  .tuple(coarse, fine)
  .map(([first, second]) =>
    [first, ...(second === undefined ? [] : [second]), checkDigits(first + (second ?? ''))].join(
      '-',
    ),
  )

t.test('published examples are valid', async (t) => {
  for (const id of ['992-90009-96', '08-A1444-86', '04000000-132X03-25', '09-0991307-85'])
    t.equal(parseLeitwegId(id), id)
  t.equal(parseLeitwegId('04000000-132x03-25'), '04000000-132X03-25', 'in upper case')
})

t.test('a wrong form is not valid', async (t) => {
  const long = `${'1'.repeat(12)}-${'Z'.repeat(30)}`
  t.equal(
    parseLeitwegId(`${long}-${checkDigits(long.replace('-', ''))}`)?.length,
    46,
    'the maximum length',
  )
  const wrong = [
    '',
    '99290009-96-',
    '1-90009-96',
    '992--96',
    '992-90009-9',
    '992-90009-961',
    ' 992-90009-96',
    '992-90009-96\n',
    '992-90 009-96',
    '992-90009-AB',
    'A92-90009-96',
    '992_90009_96',
    '9'.repeat(13),
    `992-${'A'.repeat(31)}-11`,
    '992-90ä09-96',
    '९९२-90009-96',
  ]
  for (const id of wrong) t.equal(parseLeitwegId(id), undefined, JSON.stringify(id))
})

t.test('each number has just one pair of check digits', async (t) => {
  fc.assert(
    fc.property(whole, (id) => {
      const others = Array.from(
        { length: 100 },
        (_, at) => `${id.slice(0, -2)}${String(at).padStart(2, '0')}`,
      ).filter((each) => parseLeitwegId(each) !== undefined)
      t.equal(parseLeitwegId(id), id)
      t.strictSame(others, [id])
    }),
    { numRuns: 100 },
  )
})

t.test('a wrong digit and two neighbours in the wrong order are found', async (t) => {
  fc.assert(
    fc.property(whole, fc.nat(), fc.integer({ min: 1, max: 9 }), (id, seed, more) => {
      const digits = id.split('').flatMap((each, at) => (/[0-9]/.test(each) ? [at] : []))
      const at = digits[seed % digits.length] ?? 0
      const put = (text: string, where: number, what: string) =>
        text.slice(0, where) + what + text.slice(where + 1)
      const mistyped = put(id, at, String((Number(id[at]) + more) % 10))
      t.equal(parseLeitwegId(mistyped), undefined, `${id} as ${mistyped}`)
      const next = digits[(seed % digits.length) + 1]
      if (next === undefined || id[at] === id[next] || next - at > 2) return
      // The check digits do not cover the hyphen between them.
      if (next - at === 2 && id[at + 1] !== '-') return
      const swapped = put(put(id, at, id[next] ?? ''), next, id[at] ?? '')
      t.equal(parseLeitwegId(swapped), undefined, `${id} as ${swapped}`)
    }),
    { numRuns: 2_000 },
  )
})

t.test('a wrong letter is found', async (t) => {
  fc.assert(
    fc.property(
      coarse,
      fc.stringMatching(/^[A-Z]{1,30}$/),
      fc.nat(),
      fc.integer({ min: 1, max: 25 }),
      (first, second, seed, more) => {
        const at = seed % second.length
        const other = String.fromCharCode(65 + ((second.charCodeAt(at) - 65 + more) % 26))
        const check = checkDigits(first + second)
        t.equal(
          parseLeitwegId(`${first}-${second.slice(0, at)}${other}${second.slice(at + 1)}-${check}`),
          undefined,
        )
      },
    ),
  )
})
