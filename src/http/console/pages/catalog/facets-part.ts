import { html } from 'ghtml'
import type { CatalogFacet } from '../../../../types.gen.ts'
import type { Asked } from '../../asked.ts'
import { fieldsOf, linkTo, type CatalogAddress } from './query.ts'

const maxShown = 12

/**
 * Filters as links, each with the number of services that it leaves. Where there is no room beside
 * the list they are folded, so that the list begins on the first screen.
 */
export function facetsPart(
  asked: Asked,
  address: CatalogAddress,
  facets: readonly CatalogFacet[],
): string {
  const { filters, filtersChosen } = asked.texts.catalog
  const shown = facets.filter(({ values }) => values.length > 0)
  if (shown.length === 0) return ''
  const chosen = shown.flatMap(({ values }) => values).filter((value) => value.chosen).length
  return html`<details class="facets">
    <summary class="facets__summary">${chosen === 0 ? filters : filtersChosen(chosen)}</summary>
    <nav class="facets__list" aria-label="${filters}">
      !${shown.map((facet) => facetPart(asked, address, facet))}
    </nav>
  </details>`
}

function facetPart(asked: Asked, address: CatalogAddress, { name, values }: CatalogFacet): string {
  const texts = asked.texts.catalog
  const kept = values.filter(({ chosen }, at) => chosen || at < maxShown)
  return html`<div>
    <h2 class="kern-title" id="facet-${name}">${texts.facets[name]}</h2>
    <ul aria-labelledby="facet-${name}">
      !${kept.map((each) => valuePart(asked, address, name, each))}
    </ul>
  </div>`
}

function valuePart(
  asked: Asked,
  address: CatalogAddress,
  name: CatalogFacet['name'],
  { value, label, count, chosen }: CatalogFacet['values'][number],
): string {
  const others = fieldsOf(address).filter(([field, of]) => field !== name || of !== value)
  const text = valueText(asked, label)
  if (chosen)
    return html`<li>
      <a class="kern-link facets__chosen" href="${linkTo('/catalog', others)}">
        <span class="kern-sr-only">${asked.texts.catalog.remove}</span> ${text} (${count}) ×
      </a>
    </li>`
  return html`<li>
    <a class="kern-link" href="${linkTo('/catalog', [...others, [name, value]])}"
      >${text} (${count})</a
    >
  </li>`
}

/** A value in the language of the reader, where it is one of ours. */
export function valueText({ texts }: Asked, value: string): string {
  const known: Readonly<Record<string, string>> = texts.catalog.values
  return Object.hasOwn(known, value) ? (known[value] ?? value) : value
}
