import type { IncomingMessage } from 'node:http'
import { isObject } from './call.ts'
import { refuseBadRequest, Refusal } from './refusal.ts'
import type { SimulatorOptions } from './types.ts'

export type Access = Pick<SimulatorOptions, 'username' | 'password' | 'bearerToken'>

export function isAllowed(req: IncomingMessage, access: Access): boolean {
  const given = req.headers.authorization ?? ''
  const wantsBasic = access.username !== undefined || access.password !== undefined
  if (!wantsBasic && access.bearerToken === undefined) return true
  if (access.bearerToken !== undefined && given === `Bearer ${access.bearerToken}`) return true
  if (!wantsBasic) return false
  const pair = Buffer.from(`${access.username ?? ''}:${access.password ?? ''}`).toString('base64')
  const [scheme = '', value] = given.split(' ')
  return scheme.toLowerCase() === 'basic' && value === pair
}

export function readHeaders(req: IncomingMessage): Record<string, string> {
  const entries = Object.entries(req.headers).filter(([name]) => name !== 'authorization')
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}

/** OSB 2.17 "API Version Header": absent or unreadable 400, another major 412. */
export function checkVersion(headers: Record<string, string>): void {
  const version = headers['x-broker-api-version']
  if (version === undefined) refuseBadRequest('The header X-Broker-API-Version is missing.')
  if (!/^\d+\.\d+$/.test(version))
    refuseBadRequest('The header X-Broker-API-Version must be MAJOR.MINOR, for example 2.17.')
  if (Number(version.split('.')[0]) !== 2)
    throw new Refusal(412, 'This broker speaks version 2.17 of the Open Service Broker API.')
}

export function checkIdentity(headers: Record<string, string>): void {
  const identity = headers['x-broker-api-originating-identity']
  if (identity === undefined) return
  const [platform = '', encoded = '', ...rest] = identity.trim().split(/\s+/)
  if (platform === '' || encoded === '' || rest.length > 0 || !isEncodedObject(encoded)) {
    refuseBadRequest(
      'X-Broker-API-Originating-Identity must be a platform and a Base64 encoded JSON object.',
    )
  }
}

export function checkContentType(headers: Record<string, string>): void {
  const type = headers['content-type']
  if (type !== undefined && !/^application\/json\s*(;|$)/i.test(type))
    refuseBadRequest('Content-Type must be application/json.')
}

function isEncodedObject(encoded: string): boolean {
  if (!/^[A-Za-z0-9+/_-]+=*$/.test(encoded)) return false
  try {
    return isObject(JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')))
  } catch {
    return false
  }
}
