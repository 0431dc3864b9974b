const instance = '/v2/service_instances/:instance_id'
const binding = `${instance}/service_bindings/:binding_id`

/** Each route of the Open Service Broker API: all are for platforms only. */
export const osbPermissions: Readonly<Record<string, 'platform'>> = {
  'GET /v2/catalog': 'platform',
  [`PUT ${instance}`]: 'platform',
  [`GET ${instance}`]: 'platform',
  [`PATCH ${instance}`]: 'platform',
  [`DELETE ${instance}`]: 'platform',
  [`GET ${instance}/last_operation`]: 'platform',
  [`PUT ${binding}`]: 'platform',
  [`GET ${binding}`]: 'platform',
  [`DELETE ${binding}`]: 'platform',
  [`GET ${binding}/last_operation`]: 'platform',
}
