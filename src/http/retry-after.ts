/** The header Retry-After, for openapi.yaml. */
export const retryAfter = {
  'retry-after': {
    description: 'Seconds until the client should try again.',
    type: 'integer',
    examples: [2],
  },
} as const
