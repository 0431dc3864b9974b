// What oidc-provider keeps, in memory: a restart of the demo signs everybody out there.

type Payload = Readonly<Record<string, unknown>> & {
  readonly uid?: string
  readonly grantId?: string
}

/** The adapter that oidc-provider asks for, one for each of its models. */
export class MemoryStorage {
  static readonly #all = new Map<string, Map<string, Payload>>()
  readonly #rows: Map<string, Payload>

  constructor(model: string) {
    this.#rows = MemoryStorage.#all.get(model) ?? new Map<string, Payload>()
    MemoryStorage.#all.set(model, this.#rows)
  }

  async upsert(id: string, payload: Payload, expiresIn?: number): Promise<void> {
    this.#rows.set(id, payload)
    if (expiresIn !== undefined)
      setTimeout(() => this.#rows.delete(id), Math.min(expiresIn, 86_400) * 1_000).unref()
  }

  async find(id: string): Promise<Payload | undefined> {
    return this.#rows.get(id)
  }

  async findByUid(uid: string): Promise<Payload | undefined> {
    return [...this.#rows.values()].find((payload) => payload.uid === uid)
  }

  async consume(id: string): Promise<void> {
    const payload = this.#rows.get(id)
    if (payload !== undefined)
      this.#rows.set(id, { ...payload, consumed: Math.floor(Date.now() / 1_000) })
  }

  async destroy(id: string): Promise<void> {
    this.#rows.delete(id)
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [id, payload] of this.#rows) if (payload.grantId === grantId) this.#rows.delete(id)
  }
}
