import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeTemporaryFolder } from '../../scripts/temporary-folder.ts'
import type { Teardown } from './teardown.ts'

/** Writes a file for KONTOR_OIDC_FILE; the teardown removes it. */
export async function writeOidcFile(
  t: Teardown,
  ...issuers: ReadonlyArray<Record<string, unknown>>
): Promise<string> {
  const folder = await makeTemporaryFolder('oidc')
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'oidc.json')
  await writeFile(file, JSON.stringify({ issuers }), { mode: 0o600 })
  return file
}
