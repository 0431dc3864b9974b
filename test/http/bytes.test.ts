import t from 'tap'
import { startKontor } from '../support/kontor.ts'
import { sendRaw } from '../support/raw.ts'

t.test('bytes that are no HTTP request are refused with a sentence too', async (t) => {
  const { url } = await startKontor(t, { worker: false })
  const long = await sendRaw(url, 'GET /v2/catalog', [
    `x-broker-api-originating-identity: ${'a'.repeat(20_000)}`,
  ])
  t.strictSame(
    [long.status, long.headers['content-type'], JSON.parse(long.text)],
    [
      431,
      'application/json; charset=utf-8',
      { description: 'The address and the headers are longer than 16 kB in all.' },
    ],
  )
  const odd = await sendRaw(url, 'GET /v2/catalog', ['x broker: 1'])
  t.strictSame(
    [odd.status, JSON.parse(odd.text)],
    [400, { description: 'The request is not valid HTTP.' }],
  )
})
