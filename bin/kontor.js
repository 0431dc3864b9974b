#!/usr/bin/env node
// Starts Kontor. Node 12 must be able to load this file, so that the check below can print its
// message: no top-level await, no `node:` imports, no named import that an old Node lacks.
import { existsSync, readFileSync } from 'fs'
import * as nodeModule from 'module'
import { fileURLToPath } from 'url'

const root = new URL('../', import.meta.url)
const required = readRequiredVersion()

if (isTooOld(process.versions.node)) {
  console.error(
    `Kontor needs Node ${required} or newer; this is Node ${process.versions.node}. ` +
      'In a checkout "npm ci" installs one; "npm start", "npm run kontor" and "npx kontor" use it.',
  )
  process.exitCode = 1
} else {
  startKontor()
}

/** @returns the "24.11" of `"engines": { "node": ">=24.11" }` in package.json */
function readRequiredVersion() {
  const { engines } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
  return engines.node.replace('>=', '')
}

function isTooOld(version) {
  const [major, minor] = version.split('.').map(Number)
  const [requiredMajor, requiredMinor] = required.split('.').map(Number)
  return major < requiredMajor || (major === requiredMajor && minor < requiredMinor)
}

// A checkout has src/, and a dist/ there may be left over from an earlier build; the npm tarball
// has dist/ alone. The compile cache keeps what Node stripped and compiled: faster, smaller starts.
function startKontor() {
  if (!existsSync(new URL('src/main.ts', root))) return import('../dist/src/main.js')
  nodeModule.enableCompileCache(fileURLToPath(new URL('node_modules/.cache/kontor', root)))
  return import('../src/main.ts')
}
