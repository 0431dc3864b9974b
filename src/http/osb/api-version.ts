// The version of the API that a client declares in X-Broker-API-Version.
import type { FastifyRequest } from 'fastify'

/** 2.15 defines `endpoints` of a binding. */
export const endpointsMinor = 15

/** Major and minor of the header; undefined if it has another form than MAJOR.MINOR. */
export function parseVersion(
  header: string | string[] | undefined,
): { readonly major: number; readonly minor: number } | undefined {
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})$/.exec(String(header)) ?? []
  return major === undefined || minor === undefined
    ? undefined
    : { major: Number(major), minor: Number(minor) }
}

/** The minor of the client's version; that of the newest client if the header cannot be read. */
export function apiMinorOf({ headers }: FastifyRequest): number {
  return parseVersion(headers['x-broker-api-version'])?.minor ?? Infinity
}
