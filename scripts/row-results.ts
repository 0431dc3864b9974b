// Finds in TAP the tests whose names begin with ids of the conformance matrix, such as "PROV-07
// PROV-10 the same ...".

const line = /^ *(ok|not ok) \d+ - (.*)$/

/**
 * @returns row id -> whether each test that names it passed; a skipped or todo test counts as not
 * passed
 */
export function readRowResults(tap: string): Map<string, boolean[]> {
  const results = new Map<string, boolean[]>()
  for (const text of tap.split('\n')) {
    const [, word, rest] = line.exec(text) ?? []
    if (rest === undefined) continue
    const name = rest.replace(/ # time=.*$/, '').replace(/ \{$/, '')
    const passed = word === 'ok' && !/ # (skip|todo)\b/i.test(rest)
    for (const id of idsOf(name)) results.set(id, [...(results.get(id) ?? []), passed])
  }
  return results
}

function idsOf(name: string): string[] {
  const [ids = ''] = /^(?:[A-Z]+-\d{2}[ ,]+)+/.exec(`${name} `) ?? []
  return ids.match(/[A-Z]+-\d{2}/g) ?? []
}
