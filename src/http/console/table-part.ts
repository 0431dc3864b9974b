import { html } from 'ghtml'

/**
 * A table; where there is little room, each row becomes a list of its cells with their headings.
 * The roles keep it a table for screen readers then, too.
 * @param label  what it lists, for screen readers
 * @param rows  the cells of each row, as HTML of ghtml's `html`
 */
export function tablePart(
  label: string,
  head: readonly string[],
  rows: ReadonlyArray<readonly string[]>,
): string {
  const headers = head.map(
    (text) => html`<th class="kern-table__header" scope="col" role="columnheader">${text}</th>`,
  )
  return html`<div class="table" tabindex="0" role="region" aria-label="${label}">
    <table class="kern-table list" role="table">
      <thead class="kern-table__head" role="rowgroup">
        <tr class="kern-table__row" role="row">
          !${headers}
        </tr>
      </thead>
      <tbody class="kern-table__body" role="rowgroup">
        !${rows.map((cells) => rowPart(head, cells))}
      </tbody>
    </table>
  </div>`
}

function rowPart(head: readonly string[], cells: readonly string[]): string {
  const cellPart = (cell: string, at: number) => {
    // The first says which row it is.
    const role = at === 0 ? 'rowheader' : 'cell'
    const label = head[at] ?? ''
    // Without a space inside: empty ones are left out where there is little room.
    return html`<td class="kern-table__cell" role="${role}" data-label="${label}">!${cell}</td>`
  }
  return html`<tr class="kern-table__row" role="row">
    !${cells.map(cellPart)}
  </tr>`
}

/** Names with their values; those without a value are left out. */
export function factsPart(
  facts: ReadonlyArray<readonly [name: string, value: string | null | undefined]>,
): string {
  const rows = facts
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(
      ([name, value]) =>
        html`<div class="kern-description-list-item">
          <dt class="kern-description-list-item__key">${name}</dt>
          <dd class="kern-description-list-item__value">${value ?? ''}</dd>
        </div>`,
    )
  return html`<dl class="kern-description-list">!${rows}</dl>`
}
