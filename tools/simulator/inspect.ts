import type { IncomingMessage } from 'node:http'
import { parseBody, readBody } from './body.ts'
import { answer, isObject } from './call.ts'
import type { StepResult } from './call.ts'
import { readCatalog } from './read-catalog.ts'
import { refuseBadRequest, Refusal } from './refusal.ts'
import { checkFault } from './fault.ts'
import type { Faults, OsbCatalog, Settings, SimulatorState } from './types.ts'
import { validate } from './validate.ts'

export interface Inspected {
  faults: Faults
  settings: Settings
  state(): SimulatorState
  configure(settings: Partial<Settings>): void
  setCatalog(catalog: OsbCatalog): void
}

/** Everything below /_simulator but healthz. */
export async function serveInspection(
  simulator: Inspected,
  req: IncomingMessage,
  segments: string[],
): Promise<StepResult> {
  const [, what = '', id, ...more] = segments
  const request = `${req.method ?? 'GET'} ${what}`
  if (more.length > 0 || (id !== undefined && request !== 'DELETE faults'))
    throw new Refusal(404, 'There is no such endpoint.')
  switch (request) {
    case 'GET state':
      return answer(200, { ...simulator.state() })
    case 'GET faults':
      return answer(200, { faults: simulator.faults.list() })
    case 'POST faults':
      return addFault(simulator, await readJson(req))
    case 'DELETE faults':
      return clearFaults(simulator, id)
    case 'GET settings':
      return answer(200, { ...simulator.settings })
    case 'POST settings':
      return changeSettings(simulator, await readJson(req))
    case 'PUT catalog':
      return putCatalog(simulator, await readJson(req))
    default:
      throw new Refusal(404, 'There is no such endpoint.')
  }
}

async function readJson(req: IncomingMessage): Promise<unknown> {
  const body = parseBody(await readBody(req))
  return isObject(body) ? body : refuseBadRequest('The body must be a JSON object.')
}

async function addFault(simulator: Inspected, body: unknown): Promise<StepResult> {
  const fault = await validate('fault', body)
  const problem = checkFault(fault)
  if (problem !== undefined) refuseBadRequest(`${problem}.`)
  const id = simulator.faults.add(fault)
  return answer(201, { id, ...fault })
}

function clearFaults(simulator: Inspected, id: string | undefined): StepResult {
  if (id !== undefined && !simulator.faults.list().some((fault) => fault.id === id))
    throw new Refusal(404, 'There is no such fault.')
  simulator.faults.clear(id)
  return answer(200, {})
}

async function changeSettings(simulator: Inspected, body: unknown): Promise<StepResult> {
  simulator.configure(await validate('settings', body))
  return answer(200, { ...simulator.settings })
}

function putCatalog(simulator: Inspected, body: unknown): StepResult {
  try {
    simulator.setCatalog(readCatalog(body))
  } catch (error) {
    return refuseBadRequest(error instanceof Error ? error.message : 'The catalog cannot be read.')
  }
  return answer(200, {})
}
