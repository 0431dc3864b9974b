import type { ErrorCode } from '../form.ts'

/** The sentences of forms in one language; numbers in them are written in it. */
export interface FormTexts {
  readonly optional: string
  readonly yes: string
  readonly no: string
  readonly notSet: string
  readonly choose: string
  readonly kept: string
  readonly keptShort: string
  readonly asJson: string
  readonly onePerLine: string
  readonly more: string
  /** What a form as one text is, where the schema has no title. */
  readonly all: string
  readonly variant: string
  readonly showFields: string
  readonly editAsJson: string
  readonly editAsFields: string
  readonly withoutSecrets: string
  readonly errorTitle: string
  add(what: string): string
  remove(what: string): string
  row(what: string, number: number): string
  oneOf(values: string): string
  /** Undefined where there is no limit. */
  range(minimum: string | undefined, maximum: string | undefined): string
  length(minimum: string | undefined, maximum: string | undefined): string
  multipleOf(step: string): string
  /** By the name of a type of JSON. */
  readonly types: Readonly<Record<string, string>>
  readonly errors: Readonly<Record<ErrorCode, (first: string, second: string) => string>>
}
