import { CloudFoundryDialect, type CloudFoundryOptions } from './cloud-foundry.ts'
import { standard, type Dialect } from './dialect.ts'

export interface Dialects {
  /** The dialect of a kind of platform. */
  of(kind: string | undefined): Dialect
  close(): Promise<void>
}

export function createDialects(options: CloudFoundryOptions): Dialects {
  const cloudFoundry = new CloudFoundryDialect(options)
  return {
    of: (kind) => (kind === 'cloudfoundry' ? cloudFoundry : standard),
    close: () => cloudFoundry.close(),
  }
}
