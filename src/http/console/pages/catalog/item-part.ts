import { html } from 'ghtml'
import { priceTexts } from '../../../../marketplace/money.ts'
import type { CatalogItem, CatalogPlanItem } from '../../../../types.gen.ts'
import type { Asked } from '../../asked.ts'
import { valueText } from './facets-part.ts'
import { linkTo } from './query.ts'

/** One offering in the list, with its plans. */
export function itemPart(
  asked: Asked,
  item: CatalogItem,
  organisation: string | undefined,
): string {
  const { language, texts } = asked
  // Many providers repeat the name there.
  const isOther = item.description[language] !== item.displayName[language]
  const facts = [item.category, item.model, item.protection, ...item.attestations]
  return html`<li class="kern-card kern-card--hug">
    <div class="kern-card__container">
      <h3 class="kern-title">
        <a class="kern-link" href="${offeringLink(item.name, organisation)}"
          >${item.displayName[language]}</a
        >
      </h3>
      !${isOther ? html`<p class="kern-body">${item.description[language]}</p>` : ''}
      <p class="kern-body kern-body--small">${texts.catalog.from} ${item.provider.displayName}</p>
      <ul class="plain badges">
        !${facts
          .filter((fact) => fact !== null)
          .map(
            (fact) =>
              html`<li class="kern-badge kern-badge--info">
                <span class="kern-label kern-label--small">${valueText(asked, fact)}</span>
              </li>`,
          )}
      </ul>
      <ul class="results__plans">
        !${item.plans.map((plan) => planPart(asked, item, plan))}
      </ul>
    </div>
  </li>`
}

function offeringLink(name: string, organisation: string | undefined): string {
  return linkTo(
    `/catalog/${encodeURIComponent(name)}`,
    organisation === undefined ? [] : [['organisation', organisation]],
  )
}

function planPart(asked: Asked, item: CatalogItem, plan: CatalogPlanItem): string {
  const { language, texts } = asked
  const { refused, choose } = texts.catalog
  const name = plan.displayName[language]
  return html`<li>
    <div class="kern-form-check">
      <input
        class="kern-form-check__checkbox"
        type="checkbox"
        name="plan"
        value="${plan.id}"
        id="plan-${plan.id}"
      />
      <label class="kern-label" for="plan-${plan.id}">
        <span class="kern-sr-only">${choose} ${item.displayName[language]},</span> ${name}:
        <strong>${priceTexts(plan.price, language).join(', ')}</strong>
      </label>
    </div>
    !${
      plan.order.mayOrder === false
        ? html`<p class="kern-body kern-body--small">${refused} ${plan.order.reason ?? ''}</p>`
        : ''
    }
  </li>`
}
