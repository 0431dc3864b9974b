// Notifications between processes by LISTEN and NOTIFY. Postgres delivers a notification only if
// its transaction commits.
import { AsyncLocalStorage } from 'node:async_hooks'
import { sql } from 'kysely'
import pg from 'pg'
import type { DbOrTx } from './database.ts'

/**
 * `providers`: a provider's row changed. `catalog`: the merged catalog or its rules changed.
 * `platforms`: platforms, credentials, organisations or mappings changed. `quotas`: a
 * quota changed. `people`: people or their memberships changed. `due`: a job is due earlier than
 * planned.
 */
export const channels = ['providers', 'catalog', 'platforms', 'quotas', 'people', 'due'] as const
export type Channel = (typeof channels)[number]

/** What is announced on a channel. */
export interface Change {
  readonly channel: Channel
  /** Of the row that changed; undefined: any row may have. */
  readonly id?: string | undefined
}

const sqlName = (channel: Channel) => `kontor_${channel}`

const collecting = new AsyncLocalStorage<Change[]>()

/**
 * Notifies every process, including this one, of a change on the channel once the transaction
 * commits.
 * @param id  of the row that changed, if it is only one
 */
export async function announce(db: DbOrTx, channel: Channel, id?: string): Promise<void> {
  collecting.getStore()?.push({ channel, id })
  await sql`select pg_notify(${sqlName(channel)}, ${id ?? ''})`.execute(db)
}

/**
 * Has the answering process refresh a channel before its answer, though nothing is announced: a
 * worker may have published first what the request wanted to publish.
 */
export function refreshBeforeAnswer(channel: Channel): void {
  collecting.getStore()?.push({ channel })
}

/** Adds the changes that `work`, or anything that it starts, announces to `changes`. */
export function collectAnnounced(changes: Change[], work: () => void): void {
  collecting.run(changes, work)
}

export interface Listener {
  readonly onNotification: (change: Change) => void
  /**
   * Called after each connection, including the first: notifications sent before it are lost, so
   * everything must be read again.
   */
  readonly onConnected: () => void
  readonly onError: (error: Error) => void
}

function newListenClient(url: string, onNotification: Listener['onNotification']): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'kontor-listen',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  })
  client.on('notification', ({ channel: from, payload = '' }) => {
    const channel = channels.find((known) => sqlName(known) === from)
    // Processes of 0.2.0 announce without an id.
    if (channel !== undefined) onNotification({ channel, id: payload === '' ? undefined : payload })
  })
  return client
}

/** Listens on a dedicated connection, and reconnects until it succeeds. */
export async function listen(url: string, listener: Listener): Promise<{ close(): Promise<void> }> {
  let client: pg.Client | undefined
  let retry: NodeJS.Timeout | undefined
  let closed = false

  const connect = async (): Promise<void> => {
    const next = newListenClient(url, listener.onNotification)
    const reconnect = (error?: Error) => {
      if (closed || client !== next) return
      client = undefined
      if (error !== undefined) listener.onError(error)
      retry = setTimeout(attempt, 500)
    }
    next.on('error', reconnect)
    next.on('end', () => reconnect())
    await next.connect()
    for (const channel of channels) await next.query(`listen ${sqlName(channel)}`)
    client = next
  }

  const attempt = () => {
    connect().then(
      () => {
        if (closed) void client?.end()
        else listener.onConnected()
      },
      (error: Error) => {
        listener.onError(error)
        if (!closed) retry = setTimeout(attempt, 500)
      },
    )
  }

  await connect()
  listener.onConnected()
  return {
    async close() {
      closed = true
      clearTimeout(retry)
      await client?.end().catch(() => {})
    },
  }
}
