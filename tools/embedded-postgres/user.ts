// Postgres refuses to run as root. As root we run it as an ordinary account; that account may lack
// the right to pass through the folders above (mktemp -d gives 0700, so has /root), which one
// capability can give it.
import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * The account of Postgres, and how to start a command as it. Without `uid` it is our own account.
 */
export type Runner = {
  uid?: number
  gid?: number
  wrap(
    file: string,
    args: string[],
  ): { file: string; args: string[]; options: { uid?: number; gid?: number } }
}

type Account = { name: string; uid: number; gid: number }

const ourselves: Runner = { wrap: (file, args) => ({ file, args, options: {} }) }

/**
 * @param data the cluster's folder; it need not exist. If it does, its owner stays the one who runs
 *   it.
 * @param paths absolute paths that the account must be able to enter
 * @throws Error with a sentence that says who cannot reach what, and what to do
 */
export async function chooseRunner(data: string, paths: string[]): Promise<Runner> {
  if (process.geteuid?.() !== 0) return ourselves
  const account = await chooseAccount(data)
  const all = [...new Set(paths.flatMap(listAncestors))]
  const plain = runAs(account)
  const blocked = await findBlocked(plain, all)
  if (blocked === undefined) return plain
  // Reading and passing everywhere is enough; containers often have only the wider dac_override to
  // give.
  for (const capability of ['dac_read_search', 'dac_override']) {
    const capable = runWithCapability(account, capability)
    if ((await findBlocked(capable, all)) === undefined) return capable
  }
  throw new Error(
    `Postgres does not run as root, and the account "${account.name}" cannot enter ${blocked}. ` +
      'Set KONTOR_DATA to a folder that every user can reach (such as /var/lib/kontor), move the ' +
      'project out of a private folder, install setpriv (util-linux), or set DATABASE_URL to use ' +
      'a server of your own.',
  )
}

async function chooseAccount(data: string): Promise<Account> {
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map(parseAccount)
  const owner = await stat(data).then(
    ({ uid }) => uid,
    () => 0,
  )
  const found =
    owner !== 0
      ? accounts.find(({ uid }) => uid === owner)
      : (accounts.find(({ name }) => name === 'postgres') ??
        accounts.find(({ name }) => name === 'nobody'))
  if (found !== undefined && found.uid !== 0) return found
  throw new Error(
    owner !== 0
      ? `The database in ${data} belongs to the user id ${owner}, which has no account on this ` +
          'machine.'
      : 'Postgres does not run as root, and there is no account "postgres" or "nobody" to run it ' +
          'as. ' +
          'Start Kontor as an ordinary user, or set DATABASE_URL to use a server of your own.',
  )
}

function parseAccount(line: string): Account {
  const [name = '', , uid, gid] = line.split(':')
  return { name, uid: Number(uid ?? 0), gid: Number(gid ?? 0) }
}

function runAs({ uid, gid }: Account): Runner {
  return { uid, gid, wrap: (file, args) => ({ file, args, options: { uid, gid } }) }
}

function runWithCapability({ uid, gid }: Account, capability: string): Runner {
  // no_setuid_fixup: else access(2), by which initdb looks for its sister programs, ignores the
  // capability. The command gets no more than that one all the same, since exec drops what is not
  // ambient.
  const own = [
    '--securebits=+no_setuid_fixup',
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    `--inh-caps=+${capability}`,
    `--ambient-caps=+${capability}`,
    '--',
  ]
  // setpriv replaces itself by the command, so that the child's pid is the command's own.
  return {
    uid,
    gid,
    wrap: (file, args) => ({ file: 'setpriv', args: [...own, file, ...args], options: {} }),
  }
}

// Tries the access, because mode bits do not show ACLs and read-only mounts.
// Returns the first path that cannot be entered.
async function findBlocked(runner: Runner, paths: string[]): Promise<string | undefined> {
  const script = 'for p; do test -x "$p" || { echo "$p"; exit 0; }; done; echo'
  const { file, args, options } = runner.wrap('/bin/sh', ['-c', script, 'sh', ...paths])
  const answer = await run(file, args, { ...options, cwd: '/' }).catch(() => ({
    stdout: paths[0] ?? '/',
  }))
  return answer.stdout.replace(/\n$/, '') || undefined
}

function listAncestors(path: string): string[] {
  return path === dirname(path) ? [path] : [...listAncestors(dirname(path)), path]
}
