import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StepResult } from './call.ts'
import type { FaultAction, Json, Malformation } from './types.ts'

/** An honest answer. */
export function deliver(
  res: ServerResponse,
  verdict: Pick<StepResult, 'status' | 'body' | 'headers'>,
): void {
  const bytes = toBytes(verdict.body)
  res.writeHead(verdict.status, {
    ...(verdict.status === 304
      ? {}
      : { 'content-type': 'application/json', 'content-length': bytes.length }),
    ...verdict.headers,
  })
  res.end(bytes)
}

/**
 * Returns the status that went out; null when none did. serve.ts handles hang and crash, which need
 * more than the answer.
 */
export async function deliverSpoilt(
  res: ServerResponse,
  verdict: StepResult,
  action: FaultAction,
  signal: AbortSignal,
): Promise<number | null> {
  if ('malformed' in action) return deliverMalformed(res, verdict, action)
  if ('status' in action) {
    const text =
      typeof action.body === 'string'
        ? action.body
        : JSON.stringify(action.body ?? { description: 'A simulated fault.' })
    res.writeHead(action.status, { 'content-type': 'application/json', ...action.headers })
    res.end(action.status === 204 || action.status === 304 ? '' : text)
    return action.status
  }
  if ('hugeBytes' in action) return deliverHuge(res, verdict, action.hugeBytes, signal)
  if ('drip' in action) return deliverDrip(res, verdict, action.drip, signal)
  if ('closeConnection' in action) {
    res.socket?.destroy()
    return null
  }
  deliver(res, verdict)
  return verdict.status
}

function deliverMalformed(
  res: ServerResponse,
  verdict: StepResult,
  action: { malformed: Malformation; status?: number },
): number {
  const status = action.status ?? verdict.status
  const { text, type } = malform(action.malformed, toBytes(verdict.body).toString('utf8'))
  res.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) })
  res.end(text)
  return status
}

function malform(how: Malformation, honest: string): { text: string; type: string } {
  const json = 'application/json'
  switch (how) {
    case 'truncated_json':
      return {
        text:
          honest.length > 4 ? honest.slice(0, Math.ceil(honest.length / 2)) : '{"operation":"tr',
        type: json,
      }
    case 'html':
      return {
        text: '<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>',
        type: 'text/html; charset=utf-8',
      }
    case 'not_json':
      return { text: 'OK - everything is fine', type: json }
    case 'wrong_types':
      return { text: JSON.stringify(wrongTypes), type: json }
    case 'empty':
      return { text: '', type: json }
    case 'array':
      return { text: '[]', type: json }
    default:
      return how satisfies never
  }
}

// Every field the platform might read, each of a type it must not have.
const wrongTypes: Json = {
  services: 'none',
  operation: { id: 1 },
  dashboard_url: 17,
  state: 3,
  description: ['x'],
  credentials: 'secret',
  metadata: 'x',
  service_id: 1,
  plan_id: [],
  parameters: 'x',
}

async function deliverHuge(
  res: ServerResponse,
  verdict: StepResult,
  bytes: number,
  signal: AbortSignal,
): Promise<number> {
  // Valid JSON, the honest fields first: only its size is wrong, so only a size limit protects the
  // reader.
  const honest = toBytes(verdict.body).toString('utf8')
  const isJson = honest.startsWith('{')
  const head = isJson
    ? `${honest.slice(0, -1)}${honest === '{}' ? '' : ','}"padding":"`
    : '{"padding":"'
  res.writeHead(verdict.status, { 'content-type': 'application/json', ...verdict.headers })
  res.write(head)
  const block = Buffer.alloc(64 * 1024, 'x')
  for (let left = bytes - head.length - 2; left > 0 && !res.destroyed; left -= block.length) {
    if (!res.write(left < block.length ? block.subarray(0, left) : block)) await drain(res, signal)
  }
  res.end('"}')
  return verdict.status
}

async function drain(res: ServerResponse, signal: AbortSignal): Promise<void> {
  const gone = new AbortController()
  const stop = () => gone.abort()
  res.once('close', stop)
  await once(res, 'drain', { signal: AbortSignal.any([signal, gone.signal]) }).catch(() => {})
  res.off('close', stop)
}

async function deliverDrip(
  res: ServerResponse,
  verdict: StepResult,
  drip: { bytes: number; everyMs: number },
  signal: AbortSignal,
): Promise<number> {
  const bytes = toBytes(verdict.body)
  res.writeHead(verdict.status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    ...verdict.headers,
  })
  res.flushHeaders()
  for (let at = 0; at < bytes.length && !res.destroyed; at += drip.bytes) {
    await sleep(drip.everyMs, undefined, { signal })
    res.write(bytes.subarray(at, at + drip.bytes))
  }
  res.end()
  return verdict.status
}

function toBytes(body: Json | Buffer): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body))
}
