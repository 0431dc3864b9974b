/**
 * A node of the tree of organisations that order: federation, states and municipalities with their
 * departments.
 */
export interface Organisation {
  readonly id: string
  readonly name: string
  readonly displayName: string
  readonly level: 'bund' | 'land' | 'kommune'
  readonly parentId: string | null
  readonly state: 'active' | 'suspended' | 'retired'
}
