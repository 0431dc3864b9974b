import type { FastifyInstance } from 'fastify'
import { nullDropper } from '../../drop-nulls.ts'
import { ajv, type SchemaName } from '../../schemas.ts'

/**
 * Has the bodies of all routes of this scope validated, and handed on, without the fields that
 * count as absent (DEC-51). The schema of each body is a reference to one in schemas/.
 */
export function acceptNulls(app: FastifyInstance): void {
  app.setValidatorCompiler<{ readonly $ref: string }>(({ schema, httpPart }) => {
    const validate = ajv.compile(schema)
    if (httpPart !== 'body') return validate
    const withoutNulls = nullDropper(schema.$ref.replace(/#$/, '') as SchemaName)
    return (body: unknown) => {
      const { value } = withoutNulls(body)
      return validate(value) ? { value } : { error: validate.errors ?? [] }
    }
  })
}
