import { readFile } from 'node:fs/promises'
import type { ErrorObject, ValidateFunction } from 'ajv'
import { refuseBadRequest } from './refusal.ts'
import type { Fault, Settings } from './types.ts'

interface Bodies {
  fault: Fault
  settings: Partial<Settings>
}

const compiled = new Map<string, ValidateFunction>()

/**
 * ajv is loaded at the first fault only: nine simulators that never misbehave should not pay for
 * it.
 */
export async function validate<K extends keyof Bodies>(name: K, body: unknown): Promise<Bodies[K]> {
  const check = compiled.get(name) ?? (await compile(name))
  if (!check(body)) refuseBadRequest(describeError(check.errors?.[0]))
  // Just proven by the schema of that name.
  return body as Bodies[K]
}

async function compile(name: string): Promise<ValidateFunction> {
  const { Ajv2020 } = await import('ajv/dist/2020.js')
  const file = new URL(`../../schemas/simulator/${name}.json`, import.meta.url)
  const schema: unknown = JSON.parse(await readFile(file, 'utf8'))
  const check = new Ajv2020({ strict: true }).compile(schema as object)
  compiled.set(name, check)
  return check
}

function describeError(error: ErrorObject | undefined): string {
  if (error === undefined) return 'The body is not valid.'
  const field = error.instancePath.slice(1).replaceAll('/', '.')
  // ajv's params differ by keyword; these two are documented for the keywords named.
  const params = error.params as { additionalProperty?: string; allowedValues?: unknown[] }
  if (error.keyword === 'additionalProperties')
    return `${field === '' ? '' : `${field}.`}${params.additionalProperty ?? ''} is not known here.`
  if (error.keyword === 'enum')
    return `${field} must be one of ${(params.allowedValues ?? []).join(', ')}.`
  return `${field === '' ? 'The body' : field} ${error.message ?? 'is not valid'}.`
}
