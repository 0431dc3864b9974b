/** Each route that everybody may call, signed in or not. */
export const publicPermissions: Readonly<Record<string, 'public'>> = {
  'GET /healthz': 'public',
  'GET /readyz': 'public',
  'GET /metrics': 'public',
  'GET /openapi.json': 'public',
}
