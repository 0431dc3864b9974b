// Parts of the descriptions of organisations, platforms, and what belongs to platforms.
import { problem, text, tooLarge } from './describe-route.ts'

/** The path of a route of one organisation or platform. */
export const byNameOrId = (what: string, more: Record<string, unknown> = {}) => ({
  params: {
    type: 'object',
    required: ['id', ...Object.keys(more)],
    properties: { id: text(`Name or id of the ${what}.`), ...more },
  },
})

export const conflict = (description: string) => ({ 409: problem(description), ...tooLarge })
export const nameConflict = conflict('The name is taken, or was taken by a retired one.')

export const stateFilter = {
  enum: ['active', 'suspended', 'retired'],
  description: 'All except retired ones by default.',
}

export const noPlatform = { 404: problem('There is no such platform in your access scope.') }

export const isRetired = conflict('It is retired.')
