import { html } from 'ghtml'
import { deletionCertificate } from '../../../../orders/certificate/deletion-certificate.ts'
import type { DeletionCertificate } from '../../../../types.gen.ts'
import { memberReader } from '../../../auth/roles.ts'
import { readerOf, type Asked, type Page } from '../../asked.ts'
import { dateTime } from '../../format.ts'
import { organisationName } from '../../names.ts'
import { factsPart } from '../../table-part.ts'
import { numberOf } from './draft-pages.ts'

/** Says that the instance of an order is deleted, to be printed or kept as a file. */
export const certificatePage: Page = {
  permission: memberReader,
  async answer(asked) {
    const { orders, certificate: t } = asked.texts
    const certificate = await certificateOf(asked)
    const { number, digest, seal, audit } = certificate
    const title = t.one(number)
    return {
      title,
      body: html`<h1 class="kern-heading-x-large">${title}</h1>
        <p class="kern-body">${t.lead}</p>
        !${factsPart(factsOf(asked, certificate))}
        <h2 class="kern-heading-medium">${t.proof}</h2>
        <p class="kern-body">${t.proofText}</p>
        !${factsPart([
          [t.unproven, unprovenText(asked, certificate)],
          [t.event, audit.uid ?? audit.id],
          [t.position, String(audit.position)],
          [t.hash, audit.hash],
          [t.digest, digest],
          [t.seal, seal],
        ])}
        <ul class="plain no-print">
          <li>
            <a class="kern-link" href="/orders/${number}/certificate.json">${t.json}</a>
          </li>
          <li><a class="kern-link" href="/orders/${number}">${orders.one(number)}</a></li>
        </ul>`,
    }
  },
}

export const certificateFile: Page = {
  permission: memberReader,
  async answer(asked) {
    const certificate = await certificateOf(asked)
    return {
      file: `${JSON.stringify(certificate, null, 2)}\n`,
      type: 'application/json; charset=utf-8',
      name: `kontor-deletion-${certificate.number}.json`,
    }
  },
}

function certificateOf(asked: Asked): Promise<DeletionCertificate> {
  return deletionCertificate(asked.deps, readerOf(asked).caller.scope, numberOf(asked))
}

function factsOf(
  asked: Asked,
  certificate: DeletionCertificate,
): ReadonlyArray<readonly [string, string | null | undefined]> {
  const { language, texts } = asked
  const { certificate: t } = texts
  const when = (text: string | null) => (text === null ? null : dateTime(language, new Date(text)))
  const { instance, endedBy, retainDays, retainedUntil, confirmedBy } = certificate
  const retention =
    retainDays === null || retainedUntil === null
      ? t.notRetained
      : t.retainedUntil(retainDays, when(retainedUntil) ?? '')
  return [
    [t.what, instance.name],
    [t.offering, certificate.offering.displayName[language]],
    [t.plan, certificate.plan.displayName[language]],
    [t.provider, certificate.provider.displayName],
    [t.organisation, organisationName(asked, certificate.organisation)],
    [t.beneficiary, organisationName(asked, certificate.beneficiary)],
    [t.instanceId, instance.id],
    [t.submitted, when(certificate.submittedAt)],
    [t.endedBy, endedBy && (endedBy.name ?? endedBy.id)],
    [t.ordered, when(certificate.orderedAt)],
    [t.deleted, when(certificate.deletedAt)],
    [t.confirmed, t.confirmedBy[confirmedBy ?? 'unknown']],
    [t.retained, retention],
  ]
}

function unprovenText(
  { texts: { certificate: t } }: Asked,
  { unproven }: DeletionCertificate,
): string | null {
  const labels: Readonly<Record<string, string>> = {
    'beneficiary.id': t.beneficiary,
    'provider.name': t.provider,
    'offering.id': t.offering,
    'plan.id': t.plan,
    'endedBy.id': t.endedBy,
    endedBy: t.endedBy,
    retainDays: t.retained,
  }
  const others = unproven.flatMap((path) => labels[path] ?? [])
  return unproven.length === 0 ? null : t.unprovenText([t.names, ...others].join(', '))
}
