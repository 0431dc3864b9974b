/** Rows in aligned columns; the first row holds the heads. */
export function table(rows: ReadonlyArray<readonly string[]>): string {
  const clean = rows.map((row) => row.map(plain))
  const widths =
    clean[0]?.map((_, column) => Math.max(...clean.map((row) => row[column]?.length ?? 0))) ?? []
  return clean
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Text from platforms and providers must not control the terminal. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
}

/** One object's fields, a line each; fields without a value are left out. */
export function fields(
  values: Readonly<Record<string, string | number | null | undefined>>,
): string {
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [[`${name}:`, String(value)]],
  )
  return table(given)
}

/** The line below a page that says how to get the next one. */
export function moreHint(next: string | null): string {
  return next === null ? '' : `\n\nMore: --cursor ${next}`
}
