/** Sends a request. @returns the JSON of the answer; @throws Error when it has another status */
export type Send = (
  status: number,
  method: string,
  path: string,
  body?: object,
) => Promise<Readonly<Record<string, unknown>>>

/** @param headers  sent with each request */
export function clientOf(url: string, headers: Readonly<Record<string, string>>): Send {
  return async (status, method, path, body) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (answer.status !== status)
      throw new Error(`${method} ${path} answered ${answer.status}, not ${status}: ${text}`)
    return JSON.parse(text) as Record<string, unknown>
  }
}
