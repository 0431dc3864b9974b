/**
 * One record of RFC 4180. A cell that a spreadsheet would take for a formula gets an apostrophe
 * before it: an instance id that a platform chose must not run on an auditor's machine.
 */
export function csvRecord(cells: ReadonlyArray<string | number | null>): string {
  return `${cells.map(cellOf).join(',')}\r\n`
}

function cellOf(value: string | number | null): string {
  const text = value === null ? '' : String(value)
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
