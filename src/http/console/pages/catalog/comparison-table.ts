import { html } from 'ghtml'
import { comparisonRows, type ComparisonRow } from '../../../../marketplace/compare/rows.ts'
import type { ComparedPlan, Language } from '../../../../types.gen.ts'
import type { Asked } from '../../asked.ts'
import { valueText } from './facets-part.ts'

// Their values are codes of ours, which the texts of the console know.
const coded: ReadonlyArray<ComparisonRow['name']> = ['fulfilment', 'protection']

/** The rows in which at least one of the plans has a value. */
export function filledRows(
  comparison: { readonly plans: readonly ComparedPlan[] },
  language: Language,
): ComparisonRow[] {
  return comparisonRows(comparison, language).filter(({ values }) =>
    values.some((value) => value !== ''),
  )
}

/** Plans side by side; the first row names them. */
export function comparisonTable(
  asked: Asked,
  rows: readonly ComparisonRow[],
  label: string,
): string {
  const [head, ...others] = rows
  const shown = (name: ComparisonRow['name'], value: string) =>
    coded.includes(name) ? valueText(asked, value) : value
  return html`<div class="table" tabindex="0" role="region" aria-label="${label}">
    <table class="kern-table kern-table--striped">
      <thead class="kern-table__head">
        <tr class="kern-table__row">
          <th class="kern-table__header" scope="col">${asked.texts.catalog.property}</th>
          !${(head?.values ?? []).map(
            (value) => html`<th class="kern-table__header" scope="col">${value}</th>`,
          )}
        </tr>
      </thead>
      <tbody class="kern-table__body">
        !${others.map(
          (row) =>
            html`<tr class="kern-table__row">
              <th class="kern-table__header" scope="row">${row.label}</th>
              !${row.values.map((value) => cellPart(shown(row.name, value)))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

const cellPart = (text: string): string => html`<td class="kern-table__cell">${text}</td>`
