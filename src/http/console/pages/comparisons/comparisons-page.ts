import { html } from 'ghtml'
import { csvTable } from '../../../../csv.ts'
import { isUuid } from '../../../../ids.ts'
import { describeComparison, listComparisons } from '../../../../marketplace/compare/read.ts'
import { comparisonCsv } from '../../../../marketplace/compare/rows.ts'
import type { FrozenComparison, FrozenComparisonHead } from '../../../../types.gen.ts'
import { agencyReader } from '../../../auth/roles.ts'
import { readerOf, type Asked, type Page } from '../../asked.ts'
import { dateTime } from '../../format.ts'
import { factsPart, tablePart } from '../../table-part.ts'
import { organisationName } from '../../names.ts'
import { comparisonTable, filledRows } from '../catalog/comparison-table.ts'

const shown = 100

export const comparisonsPage: Page = {
  permission: agencyReader,
  async answer(asked) {
    const { deps, request, texts } = asked
    const { title, lead, none, more } = texts.comparisons
    const { cursor } = request.query as Record<string, unknown>
    const before = typeof cursor === 'string' && isUuid(cursor) ? cursor : undefined
    const { scope } = readerOf(asked).caller
    const { items, next } = await listComparisons(deps, scope, before, shown)
    return {
      title,
      body: html`<h1 class="kern-heading-x-large">${title}</h1>
        <p class="kern-body">${lead}</p>
        !${items.length === 0 ? html`<p class="kern-body">${none}</p>` : listTable(asked, items)}
        !${
          next === null
            ? ''
            : html`<p class="kern-body">
                <a class="kern-link" href="/comparisons?cursor=${next}">${more}</a>
              </p>`
        }`,
    }
  },
}

function listTable(asked: Asked, items: readonly FrozenComparisonHead[]): string {
  const { title, at, organisation, by, note } = asked.texts.comparisons
  const rows = items.map((item) => [
    html`<a class="kern-link" href="/comparisons/${item.id}"
      >${dateTime(asked.language, new Date(item.createdAt))}</a
    >`,
    html`${organisationName(asked, item.organisation)}`,
    html`${item.createdBy}`,
    html`${item.note ?? ''}`,
  ])
  return tablePart(title, [at, organisation, by, note], rows)
}

/** A frozen comparison as it was, to be printed or kept as a file. */
export const comparisonPage: Page = {
  permission: agencyReader,
  async answer(asked) {
    const { language, texts } = asked
    const { comparisons: t, catalog } = texts
    const frozen = await frozenOf(asked)
    const rows = filledRows(frozen.comparison, language)
    return {
      title: t.one,
      body: html`<h1 class="kern-heading-x-large">${t.one}</h1>
        !${factsPart([
          [t.at, dateTime(language, new Date(frozen.createdAt))],
          [t.organisation, organisationName(asked, frozen.organisation)],
          [t.by, frozen.createdBy],
          [t.note, frozen.note],
          [t.integrity, frozen.isUnchanged ? t.unchanged : t.changed],
          [t.digest, frozen.digest],
        ])}
        !${comparisonTable(asked, rows, t.one)}
        <ul class="plain no-print">
          <li>
            <a class="kern-link" href="/comparisons/${frozen.id}/comparison.csv">${catalog.csv}</a>
          </li>
          <li><a class="kern-link" href="/comparisons">${t.back}</a></li>
        </ul>`,
    }
  },
}

export const comparisonFile: Page = {
  permission: agencyReader,
  async answer(asked) {
    const { comparison } = await frozenOf(asked)
    return {
      file: comparisonCsv(comparison, asked.language),
      type: csvTable,
      name: 'kontor-comparison.csv',
    }
  },
}

function frozenOf(asked: Asked): Promise<FrozenComparison> {
  const { id } = asked.request.params as { id: string }
  return describeComparison(asked.deps, readerOf(asked).caller.scope, id)
}
