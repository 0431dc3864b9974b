import type { IncomingMessage } from 'node:http'
import { refuseBadRequest, Refusal } from './refusal.ts'

const limitBytes = 1024 * 1024

/** Reads on past the limit without keeping it: a destroyed request could not be answered 413. */
export function readBody(req: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    req.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limitBytes) chunks.push(chunk)
    })
    req.on('end', () => {
      if (size > limitBytes) reject(new Refusal(413, 'The body is larger than 1 MiB.'))
      else resolve(Buffer.concat(chunks).toString('utf8'))
    })
    req.on('error', reject)
  })
}

export function parseBody(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return refuseBadRequest('The body is not valid JSON.')
  }
}
