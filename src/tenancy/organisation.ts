/** A node of the tree of those who order: federation, states and municipalities with what is below them. */
export interface Organisation {
  readonly id: string
  readonly name: string
  readonly displayName: string
  readonly level: 'bund' | 'land' | 'kommune'
  readonly parentId: string | null
  readonly state: 'active' | 'suspended' | 'retired'
}
