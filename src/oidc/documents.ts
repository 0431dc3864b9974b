import { Agent, request } from 'undici'

/** Reads JSON documents of one issuer, limited in time and size: the server may be hostile. */
export interface Documents {
  /** @throws Error with a message that may be logged */
  read(url: URL): Promise<Record<string, unknown>>
  close(): Promise<void>
}

const maxMs = 5_000
const maxBytes = 512 * 1024

/** @param ca  PEM of the authorities to trust; undefined: those of the system */
export function openDocuments(ca: string | undefined): Documents {
  const dispatcher = new Agent({
    connections: 2,
    connect: {
      timeout: maxMs,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca }),
    },
  })
  return {
    async read(url) {
      // One limit for the whole answer: undici's own limit the pauses, so a slow body would never
      // end.
      const signal = AbortSignal.timeout(maxMs)
      const { statusCode, body } = await request(url, {
        dispatcher,
        signal,
        headers: { accept: 'application/json, application/jwk-set+json' },
      }).catch((error: unknown) => {
        throw new Error(`${url.origin} does not answer${reasonOf(error)}`, { cause: error })
      })
      const chunks: Buffer[] = []
      let bytes = 0
      for await (const chunk of body as AsyncIterable<Buffer>) {
        bytes += chunk.length
        // Leaving the loop destroys the body.
        if (bytes > maxBytes)
          throw new Error(`${url.href} answered with more than ${maxBytes} bytes`)
        chunks.push(chunk)
      }
      if (statusCode !== 200) throw new Error(`${url.href} answered ${statusCode}, not 200`)
      const value = parsed(Buffer.concat(chunks).toString())
      if (value === undefined) throw new Error(`${url.href} answered with no JSON object`)
      return value
    },
    close: () => dispatcher.destroy(),
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  return error.name === 'TimeoutError'
    ? ` within ${maxMs / 1_000} s`
    : 'code' in error
      ? ` (${String(error.code)})`
      : ''
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
