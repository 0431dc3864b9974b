// A platform made as an operator makes it, over the management API, and its calls.
import { basicAuth } from '../support/basic-auth.ts'
import { caller, type Call, type TestKontor } from '../support/kontor.ts'

export interface TestPlatform {
  readonly id: string
  readonly credentialId: string
  readonly authorization: string
  readonly call: Call
}

/** @param more  of its creation */
export async function createPlatform(
  kontor: TestKontor,
  name: string,
  more: Record<string, unknown> = {},
): Promise<TestPlatform> {
  const created = await kontor.admin('POST', '/api/platforms', { name, ...more })
  if (created.status !== 201) throw new Error(created.text)
  const issued = await kontor.admin('POST', `/api/platforms/${name}/credentials`, { kind: 'basic' })
  if (issued.status !== 201) throw new Error(issued.text)
  const authorization = basicAuth(issued.body.username, issued.body.password)
  return {
    id: created.body.id,
    credentialId: issued.body.id,
    authorization,
    call: caller(kontor.url, { authorization, 'x-broker-api-version': '2.17' }),
  }
}
