#!/usr/bin/env node
// The entry of the package: the built program where there is one (the npm tarball), else the sources, whose types Node
// strips. What was stripped and compiled once is kept, which makes later starts faster and smaller.
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(
    `Kontor needs Node 22.19 or newer, best 24; this is ${process.version}. "npm ci" brings one along: use "npm start", "npm run kontor" or "npx kontor".`,
  )
  process.exit(1)
}
const built = new URL('../dist/src/main.js', import.meta.url)
if (existsSync(built)) {
  await import(built.href)
} else {
  enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/kontor', import.meta.url)))
  await import('../src/main.ts')
}
