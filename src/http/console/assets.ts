import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

// KERN is served unmodified, as its licence (EUPL-1.2) and its design ask for.
const kernFolder = dirname(fileURLToPath(import.meta.resolve('@kern-ux/native/package.json')))
const ownFolder = fileURLToPath(new URL('../../../assets', import.meta.url))

// The hash changes with the content, so browsers may keep each file for ever.
const kernHash = hashOf(`${kernFolder}/package.json`, `${kernFolder}/dist/kern.min.css`)
const kernPath = `/assets/kern-${kernHash}`
const ownFiles = ['console.css', 'kontor.svg', 'live.js', 'copy.js'].map(
  (file) => `${ownFolder}/${file}`,
)
const ownPath = `/assets/own-${hashOf(...ownFiles)}`

/** Addresses of the files that pages load. */
export const assetPaths = {
  styles: [
    `${kernPath}/dist/fonts/fira-sans.css`,
    `${kernPath}/dist/kern.min.css`,
    `${ownPath}/console.css`,
  ],
  icon: `${ownPath}/kontor.svg`,
  /** A script that keeps a page up to date. */
  live: `${ownPath}/live.js`,
  /** A script whose buttons copy secrets. */
  copy: `${ownPath}/copy.js`,
  kernLicence: `${kernPath}/LICENSE.md`,
} as const

export const assetPermissions: Readonly<Record<string, 'file'>> = {
  [`GET ${kernPath}/*`]: 'file',
  [`GET ${ownPath}/*`]: 'file',
}

const yearMs = 365 * 24 * 3_600_000

export async function assetRoutes(app: FastifyInstance): Promise<void> {
  const options = { decorateReply: false, index: false, immutable: true, maxAge: yearMs } as const
  await app.register(fastifyStatic, { ...options, root: ownFolder, prefix: `${ownPath}/` })
  await app.register(fastifyStatic, {
    ...options,
    root: kernFolder,
    prefix: `${kernPath}/`,
    allowedPath: (path) => /^\/?(?:dist\/|LICENSE\.md$)/.test(relative('/', path)),
  })
}

function hashOf(...files: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(readFileSync(file))
  return hash.digest('hex').slice(0, 12)
}
