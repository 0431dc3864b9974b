import type { Json } from './types.ts'

// The latest that every platform takes.
const draft = 'http://json-schema.org/draft-04/schema#'

/**
 * The parameter schemas of a few well-known demo services. All fields are optional and more are
 * welcome.
 */
export function describeParameters(name: string): Json | undefined {
  const create = createParameters[name]
  if (create === undefined) return undefined
  const update = updateParameters[name]
  const bind = bindParameters[name]
  return {
    service_instance: {
      create: wrap(create),
      ...(update === undefined ? {} : { update: wrap(update) }),
    },
    ...(bind === undefined ? {} : { service_binding: { create: wrap(bind) } }),
  }
}

function wrap(properties: Json): Json {
  return { parameters: { $schema: draft, type: 'object', properties, additionalProperties: true } }
}

const users = { title: 'Users', type: 'integer', minimum: 1 }
const backupHour = { title: 'Hour of the daily backup', type: 'integer', minimum: 0, maximum: 23 }

const createParameters: Record<string, Json> = {
  dmessenger: {
    tenant_name: { title: 'Name of the tenant', type: 'string', minLength: 3, maxLength: 40 },
    contact_email: { title: 'Contact address', type: 'string', format: 'email', maxLength: 254 },
    users,
  },
  postgresql: {
    database_name: {
      title: 'Name of the database',
      type: 'string',
      pattern: '^[a-z][a-z0-9_]{0,62}$',
    },
    extensions: {
      title: 'Extensions',
      type: 'array',
      items: { enum: ['pg_trgm', 'postgis', 'pgcrypto', 'unaccent'] },
      uniqueItems: true,
    },
    backup_hour: backupHour,
  },
  's3-objektspeicher': {
    bucket_name: {
      title: 'Name of the bucket',
      type: 'string',
      pattern: '^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$',
    },
    versioning: { title: 'Keep old versions', type: 'boolean', default: false },
  },
  'kubernetes-namespace': {
    namespace: {
      title: 'Name of the namespace',
      type: 'string',
      pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
    },
    network_policy: { title: 'Network policy', enum: ['isolated', 'open'], default: 'isolated' },
    labels: { title: 'Labels', type: 'object', additionalProperties: { type: 'string' } },
  },
}

const updateParameters: Record<string, Json> = {
  dmessenger: {
    contact_email: { title: 'Contact address', type: 'string', format: 'email', maxLength: 254 },
    users,
  },
  postgresql: { backup_hour: backupHour },
}

const bindParameters: Record<string, Json> = {
  postgresql: { role: { title: 'Rights', enum: ['owner', 'read-only'], default: 'owner' } },
}
