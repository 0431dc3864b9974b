import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { openConnection, type Connection } from '../connection.ts'
import type { EngineStage } from './stage.ts'

const connectionsEach = 16

/**
 * Orders so many instances, spread over all plans and all Kontor processes, a bounded number at a
 * time.
 * @returns how long each answer took, in milliseconds
 * @throws Error when an order gets another answer than 202
 */
export async function fill(
  { processes, catalog, headers }: EngineStage,
  operations: number,
  perSecond = Infinity,
): Promise<number[]> {
  let next = 0
  const began = performance.now()
  const times: number[] = []
  const bodies = catalog.services.map(({ id, plans }) =>
    JSON.stringify({
      service_id: id,
      plan_id: plans[0]?.id,
      organization_guid: 'c7ab6b7d-6c1b-4b5e-a3d6-0d6fb1b2a5ef',
      space_guid: '1f0c6ab4-25a5-4a3e-8a2e-8a9d8c9a3c11',
      context: { platform: 'cloudfoundry' },
      parameters: {
        tenant_name: 'Musterstadt',
        contact_email: 'it@musterstadt.example',
        users: 25,
      },
    }),
  )
  const run = async (url: string, connection: Connection): Promise<void> => {
    for (let number = next++; number < operations; number = next++) {
      const body = bodies[number % bodies.length] ?? ''
      const lines = Object.entries({
        host: new URL(url).host,
        ...headers,
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
      })
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')
      const sentAt = began + (number * 1_000) / perSecond
      if (sentAt > performance.now()) await delay(sentAt - performance.now())
      const started = performance.now()
      const path = `/v2/service_instances/${randomUUID()}?accepts_incomplete=true`
      const { status } = await connection.send(
        Buffer.from(`PUT ${path} HTTP/1.1\r\n${lines}\r\n${body}`),
      )
      if (status !== 202) throw new Error(`An order was answered with ${status}.`)
      times.push(performance.now() - started)
    }
  }
  const opened: Connection[] = []
  try {
    await Promise.all(
      processes.flatMap(({ kontor: { url } }) =>
        Array.from({ length: connectionsEach }, async () => {
          const connection = await openConnection(new URL(url))
          opened.push(connection)
          await run(url, connection)
        }),
      ),
    )
  } finally {
    for (const connection of opened) connection.close()
  }
  return times
}
