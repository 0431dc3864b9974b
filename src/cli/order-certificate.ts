import type { Command } from 'commander'
import { readFile } from 'node:fs/promises'
import { BrokerError } from '../errors.ts'
import type { CheckedCertificate, DeletionCertificate } from '../types.gen.ts'
import { callManagement } from './management-api.ts'
import { orderPath } from './order-acts.ts'
import { fields } from './print.ts'

/** `kontor order certificate` and `check-certificate`: proof that an instance was deleted. */
export function addCertificates(command: Command): void {
  command
    .command('certificate <number>')
    .description('the deletion certificate of an order whose instance has ended')
    .option('--json', 'print the answer as JSON, which can be kept and checked')
    .action(async (number: string, { json }: { json?: true }) => {
      const path = orderPath(number, '/deletion-certificate')
      const certificate = await callManagement<DeletionCertificate>('GET', path)
      if (json === true) return console.log(JSON.stringify(certificate, null, 2))
      const { organisation, provider, offering, plan, instance, endedBy, audit } = certificate
      console.log(
        fields({
          number: certificate.number,
          organisation: organisation.name,
          provider: provider.name,
          plan: `${offering.name}/${plan.name}`,
          instance: instance.name,
          'instance id': instance.id,
          'cancelled by': endedBy?.name ?? endedBy?.id,
          'deletion ordered': certificate.orderedAt,
          deleted: certificate.deletedAt,
          'confirmed by': certificate.confirmedBy,
          'kept until': certificate.retainedUntil,
          'audit event': audit.uid ?? audit.id,
          'audit position': audit.position,
          'not proven by the audit log': certificate.unproven.join(', '),
          digest: certificate.digest,
          seal: certificate.seal,
        }),
      )
    })
  command
    .command('check-certificate <file>')
    .description('whether a certificate that was kept as JSON is as Kontor issued it')
    .action(async (file: string) => {
      const path = 'deletion-certificates/check'
      const body = await readCertificate(file)
      const { isValid, unproven } = await callManagement<CheckedCertificate>('POST', path, body)
      console.log(isValid ? 'It is as Kontor issued it.' : 'Kontor has not issued it so.')
      if (unproven.length > 0)
        console.log(`No event of the audit log proves: ${unproven.join(', ')}.`)
      if (!isValid) process.exitCode = 1
    })
}

/** @throws BrokerError `invalid_request` for a file that holds no JSON object */
async function readCertificate(file: string): Promise<object> {
  const text = await readFile(file, 'utf8')
  try {
    const value: unknown = JSON.parse(text)
    if (value !== null && typeof value === 'object') return value
  } catch {
    // Named below: the parser's error does not say which file it is about.
  }
  throw new BrokerError('invalid_request', `${file} holds no JSON object.`)
}
