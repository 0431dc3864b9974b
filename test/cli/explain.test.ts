import t from 'tap'
import { explain } from '../../src/cli/explain.ts'
import { BrokerError } from '../../src/errors.ts'

const coded = (code: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { code, ...more })

t.test(
  'each reason for which a start fails is one sentence that says what to do or where to look',
  async (t) => {
    const refused = coded('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1', {
      address: '127.0.0.1',
      port: 1,
    })
    const cases: ReadonlyArray<readonly [error: unknown, says: string | RegExp]> = [
      [new BrokerError('configuration', 'As it is.'), 'As it is.'],
      [coded('EADDRINUSE', 'listen', { port: 80 }), /^Port 80 is in use\. Set PORT/],
      [coded('EACCES', 'listen', { port: 80 }), /^Listening on port 80 is not allowed/],
      [coded('EACCES', "EACCES: permission denied, mkdir '/x'"), /permission denied, mkdir '\/x'/],
      [
        coded('EADDRNOTAVAIL', 'listen', { address: '1.2.3.4' }),
        /no address 1\.2\.3\.4\. Set HOST/,
      ],
      [refused, 'No database answers at DATABASE_URL (127.0.0.1:1 refuses connections).'],
      // Node tries each address of a name and throws all errors together.
      [
        Object.assign(
          new AggregateError([refused, coded('ECONNREFUSED', 'x', { address: '::1', port: 1 })]),
          { code: 'ECONNREFUSED' },
        ),
        'No database answers at DATABASE_URL (127.0.0.1:1 refuses connections).',
      ],
      [new AggregateError([new Error('one'), new Error('two')], ''), 'one'],
      [
        coded('ENOTFOUND', 'getaddrinfo ENOTFOUND db'),
        /^The host in DATABASE_URL cannot be found: getaddrinfo ENOTFOUND db\./,
      ],
      [
        coded('28P01', 'password authentication failed for user "u"'),
        /does not accept the user or password: password authentication failed for user "u"\./,
      ],
      [
        coded('3D000', 'database "d" does not exist'),
        /does not exist: database "d" does not exist\./,
      ],
      [new Error('timeout expired'), /does not answer in time/],
      [new Error('timeout exceeded when trying to connect'), /does not answer in time/],
      [new Error('Connection terminated due to connection timeout'), /does not answer in time/],
      [coded('ETIMEDOUT', 'connect ETIMEDOUT 10.0.0.1:5432'), /does not answer in time/],
      [coded('ECONNRESET', 'read ECONNRESET'), /^The server at DATABASE_URL closed the connection/],
      [
        new Error('Connection terminated unexpectedly'),
        /^The server at DATABASE_URL closed the connection/,
      ],
      [new Error('anything else'), 'anything else'],
      ['text', 'text'],
    ]
    for (const [error, says] of cases) {
      const explained = explain(error)
      if (typeof says === 'string') t.equal(explained, says)
      else t.match(explained, says)
      t.notMatch(explained, /undefined|\n/)
    }
  },
)
