/**
 * The Authorization header of HTTP Basic.
 * @param username  without a password: the whole text of the credentials, even a malformed one
 */
export function basicAuth(username: string, password?: string): string {
  const credentials = password === undefined ? username : `${username}:${password}`
  return `Basic ${Buffer.from(credentials).toString('base64')}`
}
