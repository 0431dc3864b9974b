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

// The console shows the German one to people who read German.
const titled = (title: string, german: string) => ({ title, 'x-title-de': german })

const users = { ...titled('Users', 'Nutzerinnen und Nutzer'), type: 'integer', minimum: 1 }
const backupHour = {
  ...titled('Hour of the daily backup', 'Stunde der täglichen Sicherung'),
  type: 'integer',
  minimum: 0,
  maximum: 23,
}

const createParameters: Record<string, Json> = {
  dmessenger: {
    tenant_name: {
      ...titled('Name of the tenant', 'Name des Mandanten'),
      type: 'string',
      minLength: 3,
      maxLength: 40,
    },
    contact_email: {
      ...titled('Contact address', 'Kontaktadresse'),
      type: 'string',
      format: 'email',
      maxLength: 254,
    },
    users,
  },
  postgresql: {
    database_name: {
      ...titled('Name of the database', 'Name der Datenbank'),
      type: 'string',
      pattern: '^[a-z][a-z0-9_]{0,62}$',
    },
    extensions: {
      ...titled('Extensions', 'Erweiterungen'),
      type: 'array',
      items: { enum: ['pg_trgm', 'postgis', 'pgcrypto', 'unaccent'] },
      uniqueItems: true,
    },
    backup_hour: backupHour,
  },
  's3-objektspeicher': {
    bucket_name: {
      ...titled('Name of the bucket', 'Name des Buckets'),
      type: 'string',
      pattern: '^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$',
    },
    versioning: {
      ...titled('Keep old versions', 'Alte Versionen behalten'),
      type: 'boolean',
      default: false,
    },
  },
  'kubernetes-namespace': {
    namespace: {
      ...titled('Name of the namespace', 'Name des Namespace'),
      type: 'string',
      pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
    },
    network_policy: {
      ...titled('Network policy', 'Netzwerkregel'),
      enum: ['isolated', 'open'],
      default: 'isolated',
    },
    labels: {
      ...titled('Labels', 'Labels'),
      type: 'object',
      additionalProperties: { type: 'string' },
    },
  },
}

const updateParameters: Record<string, Json> = {
  dmessenger: {
    contact_email: {
      ...titled('Contact address', 'Kontaktadresse'),
      type: 'string',
      format: 'email',
      maxLength: 254,
    },
    users,
  },
  postgresql: { backup_hour: backupHour },
}

const bindParameters: Record<string, Json> = {
  postgresql: {
    role: { ...titled('Rights', 'Rechte'), enum: ['owner', 'read-only'], default: 'owner' },
  },
}
