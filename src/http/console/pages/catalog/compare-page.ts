import { html } from 'ghtml'
import { csvTable } from '../../../../csv.ts'
import { comparePlans } from '../../../../marketplace/compare/compare.ts'
import { comparisonCsv } from '../../../../marketplace/compare/rows.ts'
import { readerOf as catalogReaderOf } from '../../../../marketplace/reader.ts'
import type { PlanComparison } from '../../../../types.gen.ts'
import { agencyKeeper } from '../../../auth/roles.ts'
import { hasRole, readerOf, type Asked, type Page } from '../../asked.ts'
import { dateTime } from '../../format.ts'
import { catalogReader } from './catalog-reader.ts'
import { comparisonTable, filledRows } from './comparison-table.ts'
import { addressOf, linkTo } from './query.ts'

async function compared(asked: Asked): Promise<PlanComparison> {
  const { organisation } = addressOf(asked)
  const { scope } = readerOf(asked).caller
  const reader = await catalogReaderOf(asked.deps.directory, scope, organisation)
  return comparePlans(asked.deps, reader, plansOf(asked))
}

function plansOf({ request }: Asked): string[] {
  const { plan = [] } = request.query as { plan?: string | string[] }
  return [plan].flat()
}

/** Up to four plans side by side, to be printed or kept as a file. */
export const comparePage: Page = {
  permission: catalogReader,
  async answer(asked) {
    const { texts, language } = asked
    const { catalog } = texts
    const comparison = await compared(asked)
    const { organisation } = addressOf(asked)
    const rows = filledRows(comparison, language)
    const fields = [
      ...plansOf(asked).map((plan) => ['plan', plan] as const),
      ...(organisation === undefined ? [] : [['organisation', organisation] as const]),
    ]
    const csv = linkTo('/catalog/compare.csv', fields)
    const freeze = linkTo('/comparisons/new', fields)
    const at = dateTime(language, new Date(comparison.comparedAt))
    return {
      title: catalog.comparison,
      body: html`<h1 class="kern-heading-x-large">${catalog.comparison}</h1>
        <p class="kern-body">${catalog.asOf}: ${at}</p>
        !${comparisonTable(asked, rows, catalog.comparison)}
        <ul class="plain no-print">
          !${offeringLinks(asked, comparison)}
          <li><a class="kern-link" href="${csv}">${catalog.csv}</a></li>
          !${
            hasRole(asked, agencyKeeper)
              ? html`<li>
                  <a class="kern-link" href="${freeze}">${texts.comparisons.freeze.title}</a>
                </li>`
              : ''
          }
          <li><a class="kern-link" href="/catalog">${catalog.back}</a></li>
        </ul>`,
    }
  },
}

/** Where each of the plans can be ordered. */
function offeringLinks(asked: Asked, { plans }: PlanComparison): string[] {
  const { language, texts } = asked
  const { organisation } = addressOf(asked)
  const fields = organisation === undefined ? [] : [['organisation', organisation] as const]
  const offerings = new Map(plans.map(({ offering }) => [offering.id, offering]))
  return Array.from(offerings.values(), ({ name, displayName }) => {
    const path = linkTo(`/catalog/${encodeURIComponent(name)}`, fields)
    return html`<li>
      <a class="kern-link" href="${path}">${texts.catalog.toOffering(displayName[language])}</a>
    </li>`
  })
}

export const compareFile: Page = {
  permission: catalogReader,
  async answer(asked) {
    return {
      file: comparisonCsv(await compared(asked), asked.language),
      type: csvTable,
      name: 'kontor-comparison.csv',
    }
  },
}
