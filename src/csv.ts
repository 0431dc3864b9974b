import type { Page } from './cut-page.ts'

/**
 * One record of RFC 4180. Text that a spreadsheet would take for a formula gets an apostrophe
 * before it: an instance id that a platform chose must not run on an auditor's machine. Numbers
 * stay as they are.
 */
export function csvRecord(cells: ReadonlyArray<string | number | null>): string {
  return `${cells.map(cellOf).join(',')}\r\n`
}

// A spreadsheet splits a file at the separator of its locale, such as a semicolon or a tab, and
// then knows nothing of our quotes: what follows a separator, a line break or a quote inside a cell
// becomes the beginning of another cell.
const formulaStart = /(?<=^|[;\t\r\n"])(?=[=+\-@\t\r])/g

function cellOf(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const harmless = value.replaceAll(formulaStart, "'")
  return /[",\r\n]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

/** The media type of a list whose first record names its columns (RFC 7111). */
export const csvList = 'text/csv; charset=utf-8; header=present'

/** The media type of a table whose rows begin with their names. */
export const csvTable = 'text/csv; charset=utf-8; header=absent'

const pageSize = 200

/** Reads a page of a list. @param before  id of the last one of the page before */
export type ReadPage<Item> = (before: string | undefined, limit: number) => Promise<Page<Item>>

/**
 * A whole list as CSV, read page by page as the client takes it. The first page is read at once, so
 * that a filter that is not valid, and a database that is away, can still be answered as errors.
 * @param after  id of the one before the first; undefined: from the newest on
 */
export async function csvPages<Item extends { readonly id: string }>(
  heads: readonly string[],
  cellsOf: (item: Item) => ReadonlyArray<string | number | null>,
  readPage: ReadPage<Item>,
  after: string | undefined,
): Promise<AsyncGenerator<string, void>> {
  const first = await readPage(after, pageSize)
  async function* lines(): AsyncGenerator<string, void> {
    yield csvRecord(heads)
    for (let page = first; ;) {
      yield page.items.map((item) => csvRecord(cellsOf(item))).join('')
      if (page.next === null) return
      page = await readPage(page.next, pageSize)
    }
  }
  return lines()
}
