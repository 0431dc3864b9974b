import { html } from 'ghtml'
import { describeOffering } from '../../../../marketplace/describe-offering.ts'
import { readerOf as catalogReaderOf } from '../../../../marketplace/reader.ts'
import type { CatalogOfferingView, ComparedPlan } from '../../../../types.gen.ts'
import { readerOf, type Asked, type Page } from '../../asked.ts'
import { orderPart } from '../orders/order-part.ts'
import { catalogReader } from './catalog-reader.ts'
import { comparisonTable, filledRows } from './comparison-table.ts'
import { addressOf, linkTo } from './query.ts'

/** An offering with all that its provider says of it, and its plans side by side. */
export const offeringPage: Page = {
  permission: catalogReader,
  async answer(asked) {
    const { deps, language, texts, request } = asked
    const { organisation } = addressOf(asked)
    const { scope } = readerOf(asked).caller
    const reader = await catalogReaderOf(deps.directory, scope, organisation)
    const { offering: reference } = request.params as { offering: string }
    const offering = await describeOffering(deps, reader, reference)
    const { catalog } = texts
    const back = linkTo(
      '/catalog',
      organisation === undefined ? [] : [['organisation', organisation]],
    )
    return {
      title: offering.displayName[language],
      body: html`<p class="kern-body"><a class="kern-link" href="${back}">${catalog.back}</a></p>
        <h1 class="kern-heading-x-large">${offering.displayName[language]}</h1>
        <p class="kern-body kern-body--large">${offering.description[language]}</p>
        !${
          offering.longDescription === null
            ? ''
            : html`<p class="kern-body">${offering.longDescription[language]}</p>`
        }
        <h2 class="kern-heading-medium" id="plans">${catalog.plans}</h2>
        !${plansPart(asked, offering)} !${orderPart(asked, offering, organisation)}
        !${documentsPart(asked, offering)}`,
    }
  },
}

/** The plans in the rows of a comparison: their offering has the same for all. */
function plansPart(asked: Asked, offering: CatalogOfferingView): string {
  const { id, name, displayName } = offering
  const plans = offering.plans.map((plan): ComparedPlan => ({
    ...offering,
    offering: { id, name, displayName },
    plan,
  }))
  const rows = filledRows({ plans }, asked.language).filter(({ name: of }) => of !== 'offering')
  return comparisonTable(asked, rows, asked.texts.catalog.plans)
}

function documentsPart({ texts, language }: Asked, { documents }: CatalogOfferingView): string {
  if (documents.length === 0) return ''
  const { documents: heading, documentKinds } = texts.catalog
  return html`<h2 class="kern-heading-medium">${heading}</h2>
    <ul class="kern-list kern-list--bullet">
      !${documents.map(
        ({ kind, title, url }) =>
          html`<li>
            <a class="kern-link" href="${url}" rel="noopener noreferrer"
              >${title?.[language] ?? documentKinds[kind]}</a
            >
          </li>`,
      )}
    </ul>`
}
