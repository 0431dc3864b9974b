import t from 'tap'
import { redact, textsIn } from '../../src/vault/redact.ts'

const secret = 'S3cret/"value"+ü'

t.test(
  'a secret is redacted in each encoding, also cut off at the end and within a longer one',
  async (t) => {
    const bytes = Buffer.from(secret)
    for (const form of [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      bytes.toString('base64'),
      bytes.toString('base64url'),
      bytes.toString('hex'),
    ]) {
      t.equal(
        redact(`It said ${form}, twice: ${form}.`, [secret]),
        'It said [redacted], twice: [redacted].',
        form,
      )
      t.equal(redact(`It said ${form.slice(0, 9)}`, [secret]), 'It said [redacted]', `${form}, cut`)
    }
    t.equal(
      redact('user:S3cret-password', ['S3cret-password', 'user:S3cret-password']),
      '[redacted]',
    )
    t.equal(
      redact(`a ${'key '.repeat(3)} b`, ['key \n key   key ']),
      'a [redacted]  b',
      'messages have single spaces',
    )
  },
)

t.test('texts shorter than a secret stay', async (t) => {
  t.strictSame(
    textsIn({ size: 'large', deep: [{ password: secret }], n: 12345678, none: null, yes: true }),
    [secret],
  )
  t.equal(redact('No large one is left.', textsIn({ size: 'large' })), 'No large one is left.')
})

t.test('values nested a million deep or very long take little time and no stack', async (t) => {
  let deep: unknown = secret
  for (let at = 0; at < 1_000_000; at++) deep = [deep]
  t.strictSame(textsIn(deep), [secret])
  t.equal(textsIn(Array.from({ length: 100_000 }, (_, at) => `text number ${at}`)).length, 1_000)
})
