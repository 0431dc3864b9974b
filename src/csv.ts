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
