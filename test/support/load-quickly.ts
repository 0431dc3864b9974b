// The first thing that each test file loads under scripts/test.ts. It saves a third of the CPU time
// that a process takes to load Kontor.
import { registerHooks } from 'node:module'

// Else tap has the process, and each that it starts, read every loaded file once more with its
// source map, and write a list of them. Only coverage and `tap --changed` need that list.
process.env['_TAPJS_PROCESSINFO_EXCLUDE_'] = '/./'

// tap asks for them, and Node reads the map of each library file that names one. Types are stripped
// in place, so the lines of our own files need none.
process.setSourceMapsEnabled(false)

// Child processes start as they do for an operator; some of them run on another Node.
const loaders = / *"?--import=[^"]*?(?:load-quickly\.ts|processinfo\/dist\/esm\/import\.mjs)"?/g
const options = process.env['NODE_OPTIONS']?.replaceAll(loaders, '').trim() ?? ''
if (options === '') delete process.env['NODE_OPTIONS']
else process.env['NODE_OPTIONS'] = options

const domain = new URL('./innermost-domain.ts', import.meta.url).href

// For each of the 700 files that Kontor and Kysely import by a relative path, Node looks for
// symbolic links and for the nearest package.json. There are no links, and the format is known.
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'async-hook-domain')
      return { url: domain, format: 'module-typescript', shortCircuit: true }
    const { parentURL } = context
    if (parentURL === undefined || !/^\.{1,2}\//.test(specifier)) return next(specifier, context)
    const isKysely = parentURL.includes('/node_modules/kysely/') && specifier.endsWith('.js')
    if (!isKysely && !specifier.endsWith('.ts')) return next(specifier, context)
    return {
      url: new URL(specifier, parentURL).href,
      format: isKysely ? 'module' : 'module-typescript',
      shortCircuit: true,
    }
  },
})
