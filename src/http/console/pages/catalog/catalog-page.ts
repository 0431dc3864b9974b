import { html } from 'ghtml'
import { listCatalog } from '../../../../marketplace/list.ts'
import { readerOf as catalogReaderOf } from '../../../../marketplace/reader.ts'
import type { CatalogPage } from '../../../../types.gen.ts'
import { readerOf, type Asked, type Page } from '../../asked.ts'
import { hiddenPart } from '../../form-page.ts'
import { organisationPart, ownOrganisations } from '../../organisation-field.ts'
import { withoutRolePart } from '../without-role.ts'
import { catalogReader } from './catalog-reader.ts'
import { facetsPart } from './facets-part.ts'
import { itemPart } from './item-part.ts'
import { addressOf, fieldsOf, linkTo, type CatalogAddress } from './query.ts'

const pageSize = 20

/** Search, filters as links, and what was found. */
export const catalogPage: Page = {
  permission: catalogReader,
  async answer(asked) {
    const { deps, texts } = asked
    // People without a role see nothing of it, whatever they search for.
    const first = withoutRolePart(asked)
    const heading = html`<h1 class="kern-heading-x-large">${texts.catalog.title}</h1>`
    if (first !== '') return { title: texts.catalog.title, body: heading + first }
    const address = addressOf(asked)
    const { scope } = readerOf(asked).caller
    const reader = await catalogReaderOf(deps.directory, scope, address.organisation)
    const found = await listCatalog(deps, reader, address.query, {
      limit: pageSize,
      after: address.after,
    })
    return {
      title: texts.catalog.title,
      body: html`!${heading} !${searchPart(asked, address)}
        <div class="catalog">
          !${facetsPart(asked, address, found.facets)}
          <section class="catalog__list" aria-labelledby="found">
            !${headPart(asked, address, found)} !${resultsPart(asked, address, found)}
          </section>
        </div>`,
    }
  },
}

function searchPart(asked: Asked, address: CatalogAddress): string {
  const { search, searchButton, organisation: label, allOrganisations: all } = asked.texts.catalog
  const others = fieldsOf(address).filter(([name]) => name !== 'q' && name !== 'organisation')
  const organisations = ownOrganisations(asked)
  const choice = { label, organisations, chosen: address.organisation, all }
  return html`<form class="search" role="search" method="get" action="/catalog">
    !${others.map(hiddenPart)}
    <div class="kern-form-input search__words">
      <label class="kern-label" for="q">${search}</label>
      <input
        class="kern-form-input__input"
        id="q"
        name="q"
        type="search"
        maxlength="200"
        value="${address.query.q ?? ''}"
      />
    </div>
    !${organisations.length < 2 ? '' : organisationPart(asked, choice)}
    <button type="submit" class="kern-btn kern-btn--primary">
      <span class="kern-label">${searchButton}</span>
    </button>
  </form>`
}

function headPart(asked: Asked, address: CatalogAddress, { total }: CatalogPage): string {
  const { found, sort, orders } = asked.texts.catalog
  const current = address.query.sort ?? 'relevance'
  const links = (['relevance', 'name', 'price', 'provider'] as const).map((order) => {
    const fields = fieldsOf({ ...address, query: { ...address.query, sort: order } })
    return order === current
      ? html`<li><span class="kern-body" aria-current="true">${orders[order]}</span></li>`
      : html`<li>
          <a class="kern-link" href="${linkTo('/catalog', fields)}">${orders[order]}</a>
        </li>`
  })
  return html`<div class="catalog__head">
    <div role="status">
      <h2 class="kern-heading-medium" id="found">${found(total)}</h2>
    </div>
    <nav aria-label="${sort}">
      <ul class="plain">
        <li aria-hidden="true"><span class="kern-body">${sort}</span></li>
        !${links}
      </ul>
    </nav>
  </div>`
}

function resultsPart(asked: Asked, address: CatalogAddress, page: CatalogPage): string {
  const { nothing, compare, compareHint, more } = asked.texts.catalog
  if (page.items.length === 0) return html`<p class="kern-body">${nothing}</p>`
  const next =
    page.next === null ? '' : linkTo('/catalog', [...fieldsOf(address), ['cursor', page.next]])
  const { organisation } = address
  return html`<form method="get" action="/catalog/compare" class="results">
    !${organisation === undefined ? '' : hiddenPart(['organisation', organisation])}
    <ul class="results__list">
      !${page.items.map((item) => itemPart(asked, item, organisation))}
    </ul>
    <div class="results__foot">
      <button type="submit" class="kern-btn kern-btn--secondary">
        <span class="kern-label">${compare}</span>
      </button>
      <span class="kern-body">${compareHint}</span>
      !${next === '' ? '' : html`<a class="kern-link" href="${next}">${more}</a>`}
    </div>
  </form>`
}
