/** Of an answer that says when to come again, for openapi.yaml. */
export const retryAfter = {
  'retry-after': {
    description: 'Seconds until it is worth asking again.',
    type: 'integer',
    examples: [2],
  },
} as const
