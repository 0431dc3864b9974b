import { fork, type ChildProcess } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { getCompileCacheDir } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readDemoCatalog, writeProviderFiles } from '../../tools/simulator/demo-catalog.ts'

/** One simulated data centre, in a process of its own, so that it can fail like a real one. */
export interface DataCentre {
  readonly name: string
  readonly displayName: string
  readonly url: string
  readonly port: number
  readonly pid: number
}

export interface DataCentres {
  readonly all: readonly DataCentre[]
  stop(): Promise<void>
}

export interface DataCentreOptions {
  readonly folder: string
  readonly username: string
  readonly password: string
  /** The port of each at the last start; one that is in use is replaced by a free one. */
  readonly ports: Readonly<Record<string, number>>
  readonly onExit: (name: string) => void
}

// Runs as a source file, and as a built one.
const entry = fileURLToPath(
  new URL(`../../tools/simulator/main${extname(import.meta.url)}`, import.meta.url),
)
const catalogFile = fileURLToPath(new URL('../../demo/catalog.yaml', import.meta.url))

/** Starts the data centres of the demo catalog, each with its journal in `folder`. */
export async function startDataCentres(options: DataCentreOptions): Promise<DataCentres> {
  await mkdir(options.folder, { recursive: true })
  const providers = readDemoCatalog(catalogFile)
  const files = writeProviderFiles(providers, options.folder)
  const compiled = compiledFolder() ?? join(options.folder, 'compiled')
  const children = new Set<ChildProcess>()
  let stopping = false

  const startOne = async (
    name: string,
    port: number,
  ): Promise<{ child: ChildProcess; url: string; port: number }> => {
    const child = fork(
      entry,
      [
        '--catalog',
        files.get(name) ?? '',
        '--provider',
        name,
        '--port',
        String(port),
        '--username',
        options.username,
        '--state',
        join(options.folder, `${name}.journal`),
        '--open-inspection',
      ],
      {
        // A process group of its own: Ctrl-C reaches Kontor only, which ends its calls first. The
        // IPC channel ends the child when Kontor dies.
        detached: true,
        execArgv: ['--max-old-space-size=64'],
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        env: {
          PATH: process.env['PATH'],
          KONTOR_SIMULATOR_PASSWORD: options.password,
          NODE_COMPILE_CACHE: compiled,
        },
      },
    )
    children.add(child)
    child.once('exit', () => {
      children.delete(child)
    })
    const ready = await firstMessage(child)
    return { child, ...ready }
  }

  const stop = async (): Promise<void> => {
    stopping = true
    await Promise.all(
      [...children].map(
        (child) =>
          new Promise<void>((resolve) => {
            child.once('exit', () => resolve())
            child.kill('SIGTERM')
          }),
      ),
    )
  }

  try {
    const all = await Promise.all(
      providers.map(async ({ key: name, displayName }) => {
        const former = options.ports[name] ?? 0
        const started = await startOne(name, former).catch((error: unknown) => {
          if (former === 0) throw error
          return startOne(name, 0)
        })
        started.child.once('exit', () => {
          if (!stopping) options.onExit(name)
        })
        return {
          name,
          displayName,
          url: started.url,
          port: started.port,
          pid: started.child.pid ?? 0,
        }
      }),
    )
    return { all, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function firstMessage(child: ChildProcess): Promise<{ url: string; port: number }> {
  return new Promise((resolve, reject) => {
    let lastOutput = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      lastOutput = (lastOutput + chunk.toString()).slice(-1_000)
    })
    child.once('message', (message) => {
      resolve(message as { url: string; port: number })
    })
    child.once('error', reject)
    child.once('exit', (code) => {
      reject(
        new Error(
          `A simulated data centre did not start (exit code ${String(code)}): ${lastOutput.trim()}`,
        ),
      )
    })
  })
}

/** Where this process keeps compiled modules, if it does: the first data centres start faster. */
function compiledFolder(): string | undefined {
  const folder = getCompileCacheDir()
  // It names the version of Node, which each child would add once more.
  return folder && dirname(folder)
}
