import { randomBytes } from 'node:crypto'
import type { InstanceRecord, Json, OsbOffering, ServiceBehaviour } from './types.ts'

export interface BindingOrder {
  instance: InstanceRecord
  bindingId: string
  offering: OsbOffering | undefined
  behaviour: ServiceBehaviour
  now: number
}

const dayMs = 86_400_000

export function makeBindingData(order: BindingOrder): { data: Json; expiresAt: number | null } {
  const { credentials, ports } = makeCredentials(
    order.offering?.tags ?? [],
    order.instance.instance_id,
  )
  const days = order.behaviour.bindingExpiresDays
  const expiresAt = days === undefined ? null : order.now + days * dayMs
  const data: Json = {
    credentials,
    endpoints: [{ host: credentials['host'], ports, protocol: 'tcp' }],
    ...(expiresAt === null
      ? {}
      : {
          metadata: {
            expires_at: formatTime(expiresAt),
            renew_before: formatTime(order.now + (days ?? 0) * dayMs * 0.8),
          },
        }),
    ...answerRequires(order.offering?.requires ?? [], String(credentials['host']), order.bindingId),
  }
  return { data, expiresAt }
}

// toISOString writes milliseconds and Z, which is the pattern yyyy-mm-ddThh:mm:ss.sZ.
function formatTime(ms: number): string {
  return new Date(ms).toISOString()
}

function makeCredentials(
  tags: string[],
  instanceId: string,
): { credentials: Json; ports: string[] } {
  // .invalid never resolves, so that no client takes these for real (RFC 6761).
  const slug =
    instanceId
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '')
      .slice(0, 12) || 'instance'
  const username = `u${randomBytes(6).toString('hex')}`
  const password = randomBytes(18).toString('base64url')
  const make = (kind: string, port: number, extra: (host: string) => Json) => {
    const host = `${kind}-${slug}.simulator.invalid`
    return {
      credentials: { host, port, username, password, ...extra(host) },
      ports: [String(port)],
    }
  }
  if (tags.includes('postgresql')) {
    return make('postgresql', 5432, (host) => ({
      database: `db_${slug}`,
      uri: `postgresql://${username}:${password}@${host}:5432/db_${slug}?sslmode=require`,
    }))
  }
  if (tags.includes('s3')) {
    const bucket = `bucket-${slug}`
    return make('s3', 443, (host) => ({
      bucket,
      access_key_id: username,
      secret_access_key: password,
      uri: `https://${host}/${bucket}`,
    }))
  }
  if (tags.includes('rabbitmq'))
    return make('rabbitmq', 5671, (host) => ({
      vhost: slug,
      uri: `amqps://${username}:${password}@${host}:5671/${slug}`,
    }))
  if (tags.includes('kafka'))
    return make('kafka', 9093, (host) => ({
      bootstrap_servers: `${host}:9093`,
      sasl_mechanism: 'SCRAM-SHA-512',
      uri: `kafka://${username}:${password}@${host}:9093`,
    }))
  if (tags.includes('redis'))
    return make('redis', 6380, (host) => ({ uri: `rediss://${username}:${password}@${host}:6380` }))
  return make('api', 443, (host) => ({
    api_key: randomBytes(24).toString('base64url'),
    uri: `https://${host}/v1`,
  }))
}

// Each of these fields is legal only where the offering requires it.
function answerRequires(requires: string[], host: string, bindingId: string): Json {
  return {
    ...(requires.includes('syslog_drain')
      ? { syslog_drain_url: `syslog-tls://${host}:6514/${encodeURIComponent(bindingId)}` }
      : {}),
    ...(requires.includes('route_forwarding')
      ? { route_service_url: `https://${host}/route/${encodeURIComponent(bindingId)}` }
      : {}),
    ...(requires.includes('volume_mount')
      ? {
          volume_mounts: [
            {
              driver: 'nfs',
              container_dir: '/data',
              mode: 'rw',
              device_type: 'shared',
              device: { volume_id: bindingId },
            },
          ],
        }
      : {}),
  }
}
