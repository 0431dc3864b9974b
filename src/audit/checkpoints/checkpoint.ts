// A checkpoint says, under a key of the ring, how far the audit log and the sealed tables had come.
// Kept where an attacker with the database cannot change it, it shows that either was set back.
import { macKeyId } from '../../vault/mac.ts'
import type { Vault } from '../../vault/vault.ts'
import type { Head } from '../event.ts'

export interface CheckpointHead extends Head {
  /** The event at this position; null: the chain is empty. */
  readonly eventId: string | null
}

/** A sealed table (vault/sealed-rows/) at some moment. */
export interface SetState {
  readonly table: string
  readonly revision: bigint
  readonly digest: Buffer
}

export interface Checkpoint {
  /** The id of the database, which a copy of it shares. */
  readonly database: string
  readonly at: Date
  /** Its position is the number of events in the chain. */
  readonly head: CheckpointHead
  readonly sets: readonly SetState[]
}

/** A checkpoint, or why these bytes are none. */
export type ReadCheckpoint = Checkpoint | 'forged' | 'other version'

const version = 1
// One word in the characters of base64url, so that it survives whatever wraps a line of the log.
const tokenPattern = /kontor-checkpoint\.[\w-]{1,40000}\.[\w-]{40,140}(?![\w-])/g

/** The checkpoint in one word, with its MAC. @throws as `Vault.mac` */
export function formatToken(vault: Vault, { database, at, head, sets }: Checkpoint): string {
  const payload = JSON.stringify({
    version,
    database,
    at: at.toISOString(),
    position: head.position,
    eventId: head.eventId,
    hash: head.hash.toString('base64url'),
    sets: sets.map(({ table, revision, digest }) => [
      table,
      String(revision),
      digest.toString('base64url'),
    ]),
  })
  const mac = vault.mac(payload, context, 'checkpoint')
  return [prefix, Buffer.from(payload).toString('base64url'), mac.toString('base64url')].join('.')
}

const prefix = 'kontor-checkpoint'
const context = ['checkpoint']

/** The tokens in a line of text. */
export function findTokens(line: string): readonly string[] {
  return line.match(tokenPattern) ?? []
}

/** Whether a line holds the beginning of a token, perhaps torn. */
export function mentionsToken(line: string): boolean {
  return line.includes(`${prefix}.`)
}

/** The id of the key that a token is signed with; undefined: its MAC is none. */
export function keyIdOf(token: string): string | undefined {
  return macKeyId(Buffer.from(token.split('.')[2] ?? '', 'base64url'))
}

/** Reads a token if a key of the ring signed it. */
export function readToken(vault: Vault, token: string): ReadCheckpoint {
  const [, encoded = '', mac = ''] = token.split('.')
  const payload = Buffer.from(encoded, 'base64url').toString()
  if (!vault.verifyMac(Buffer.from(mac, 'base64url'), payload, context, 'checkpoint'))
    return 'forged'
  // Kontor made it, so it has the shape of its version.
  const read = JSON.parse(payload) as Payload
  if (read.version !== version) return 'other version'
  return {
    database: read.database,
    at: new Date(read.at),
    head: {
      position: read.position,
      eventId: read.eventId,
      hash: Buffer.from(read.hash, 'base64url'),
    },
    sets: read.sets.map(([table, revision, digest]) => ({
      table,
      revision: BigInt(revision),
      digest: Buffer.from(digest, 'base64url'),
    })),
  }
}

interface Payload {
  readonly version: number
  readonly database: string
  readonly at: string
  readonly position: number
  readonly eventId: string | null
  readonly hash: string
  readonly sets: ReadonlyArray<readonly [table: string, revision: string, digest: string]>
}

/** The line for a file or an address: what people read, and the token, which alone counts. */
export function formatLine({ database, at, head, sets }: Checkpoint, token: string): string {
  return JSON.stringify({
    database,
    at: at.toISOString(),
    position: head.position,
    eventId: head.eventId,
    hash: head.hash.toString('hex'),
    sets: Object.fromEntries(sets.map(({ table, revision }) => [table, String(revision)])),
    key: keyIdOf(token),
    checkpoint: token,
  })
}
