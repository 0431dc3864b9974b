// The data set dvc-demo-catalog as it is written; demo-catalog.ts checks its mark, the tests the
// rest.
export interface SourceProvider {
  id: string
  alias: string
  regions: string[]
  state: string
  serves: string[]
}
export interface Words {
  de: string
  en: string
}
export interface SourcePlan {
  id: string
  name: string
  description: Words
  free: boolean
  eur: number
  unit: string
  approval: string
  min_term_months: number
  maintenance_info?: string
  metered?: boolean
  deprecated?: boolean
  setup_eur?: number
}
export interface SourceService {
  id: string
  name: string
  provider: string
  category: string
  model: string
  description: Words
  tags: string[]
  attrs: {
    bindable: boolean
    mode: 'sync' | 'async'
    fulfilment: string
    plan_updateable: boolean
    instances_retrievable: boolean
    bindings_retrievable: boolean
    protection: string
    regions: string[]
    data_location: string
    levels: string[]
    vs_nfd?: boolean
    min_users?: number
    extra_checks?: string[]
    retain_after_delete_days?: number
    maximum_polling_duration_s?: number
    binding_rotatable?: boolean
    async_binding?: boolean
    binding_expires_days?: number
  }
  plans: SourcePlan[]
}
