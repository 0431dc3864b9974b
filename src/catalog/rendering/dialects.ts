import { CloudFoundryDialect, type CloudFoundryOptions } from './cloud-foundry.ts'
import type { CatalogPart } from '../snapshot.ts'
import { standard, type Dialect } from './dialect.ts'

export interface Dialects {
  /** The dialect of a kind of platform. */
  of(kind: string | undefined): Dialect
  /**
   * Begins to write the parts of a new snapshot in the dialects that were asked for lately, so that
   * the next request need not wait for it. Does not wait for the end.
   */
  prepare(parts: readonly CatalogPart[]): Promise<void>
  close(): Promise<void>
}

export function createDialects(options: CloudFoundryOptions): Dialects {
  const cloudFoundry = new CloudFoundryDialect(options)
  return {
    prepare: (parts) => cloudFoundry.prepare(parts),
    of: (kind) => (kind === 'cloudfoundry' ? cloudFoundry : standard),
    close: () => cloudFoundry.close(),
  }
}
