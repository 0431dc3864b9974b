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
  if (process.argv[2] === 'serve') restartWithLessMemory()
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

// By default V8 lets the two halves of its space for new objects grow to 32 MB each, and gives little
// of that back while Kontor works. A running process cannot change that, so this one becomes another
// program: the same Node with the flag, with the same id, files and environment.
function restartWithLessMemory() {
  const given = process.execArgv.join(' ') + ' ' + (process.env.NODE_OPTIONS || '')
  const isChosen = /--(min|max)[-_]semi[-_]space[-_]size/.test(given)
  // Windows has no such call, and a channel to a parent process would not survive it.
  if (isChosen || process.platform === 'win32' || process.connected) return
  const args = ['--max-semi-space-size=8', ...process.execArgv, ...process.argv.slice(1)]
  if (process.execve) process.execve(process.execPath, [process.execPath, ...args], process.env)
}

// A checkout has src/, and a dist/ there may be left over from an earlier build; the npm tarball
// has dist/ alone. The compile cache keeps what Node stripped and compiled: faster, smaller starts.
function startKontor() {
  if (!existsSync(new URL('src/main.ts', root))) return import('../dist/src/main.js')
  nodeModule.enableCompileCache(fileURLToPath(new URL('node_modules/.cache/kontor', root)))
  if (nodeModule.registerHooks) nodeModule.registerHooks({ resolve: resolveSource })
  return import('../src/main.ts')
}

// For each of the 700 files that src/ and Kysely import by a relative path, Node looks for symbolic
// links and for the nearest package.json: a seventh of the time that they take to load. There are no
// links, and the format is known.
function resolveSource(specifier, context, next) {
  const { parentURL } = context
  if (parentURL === undefined || !/^\.{1,2}\//.test(specifier)) return next(specifier, context)
  const isOfKysely = specifier.endsWith('.js') && parentURL.includes('/node_modules/kysely/')
  if (!isOfKysely && !specifier.endsWith('.ts')) return next(specifier, context)
  const format = isOfKysely ? 'module' : 'module-typescript'
  return { url: new URL(specifier, parentURL).href, format, shortCircuit: true }
}
