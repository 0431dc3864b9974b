import { randomUUID } from 'node:crypto'
import type {
  Endpoint,
  FailedOperation,
  Fault,
  FaultAction,
  Faults,
  StandingFault,
} from './types.ts'

/** What a fault does to the operation that the request starts. */
export interface Twist {
  never: boolean
  failure?: FailedOperation
}

export interface Meeting {
  endpoint: Endpoint
  instance_id?: string
  service_id?: string
}

export interface Misbehaviour {
  delays: StandingFault[]
  fault?: StandingFault
}

const mutating: readonly string[] = ['provision', 'update', 'deprovision', 'bind', 'unbind']
const kinds = [
  'delayMs',
  'hang',
  'status',
  'malformed',
  'hugeBytes',
  'closeConnection',
  'drip',
  'never',
  'failOperation',
  'crash',
  'forget',
]
// These are about an operation: they mean nothing for a catalog read or a poll.
const onlyMutating = ['never', 'failOperation', 'forget']
// These have to act, so "before" cannot be meant.
const alwaysActing = [...onlyMutating, 'drip']

export function kindOf(action: FaultAction): string {
  return (
    Object.keys(action).find(
      (key) => kinds.includes(key) && (key !== 'status' || !('malformed' in action)),
    ) ?? ''
  )
}

/** What the schema cannot say in a sentence that names the field. */
export function checkFault(fault: Fault): string | undefined {
  const named = Object.keys(fault.do).filter((key) => kinds.includes(key))
  const isSpoiltStatus =
    named.length === 2 && named.includes('malformed') && named.includes('status')
  if (named.length !== 1 && !isSpoiltStatus)
    return `do must name exactly one of ${kinds.join(', ')}`
  const kind = kindOf(fault.do)
  if (onlyMutating.includes(kind) && fault.on !== 'any' && !mutating.includes(fault.on)) {
    return `on must be one of ${mutating.join(', ')} or any when do is ${kind}`
  }
  if (alwaysActing.includes(kind) && fault.when === 'before')
    return `when must not be "before" when do is ${kind}`
  return undefined
}

export function createFaults(): Faults & { meet(meeting: Meeting): Misbehaviour } {
  const standing = new Map<string, StandingFault>()
  return {
    add(fault) {
      const problem = checkFault(fault)
      if (problem !== undefined) throw new TypeError(problem)
      const id = `fault-${randomUUID().slice(0, 8)}`
      standing.set(id, { id, ...fault, seen: 0, fired: 0 })
      return id
    },
    list: () => [...standing.values()].map((fault) => ({ ...fault })),
    clear(id) {
      if (id === undefined) standing.clear()
      else standing.delete(id)
    },
    meet: (meeting) => meetFaults(standing, meeting),
  }
}

/**
 * Should the act itself be left out? Default of a crash is to act first: that is the gap worth
 * testing.
 */
export function actsFirst(fault: Fault): boolean {
  const kind = kindOf(fault.do)
  if (alwaysActing.includes(kind)) return true
  return (fault.when ?? (kind === 'crash' ? 'after' : 'before')) === 'after'
}

export function readTwist(fault: Fault | undefined): Twist {
  if (fault !== undefined && 'failOperation' in fault.do)
    return { never: false, failure: fault.do.failOperation }
  return { never: fault !== undefined && 'never' in fault.do }
}

// Delays add up with whatever comes next; of the others the first that is ripe wins and the rest
// wait their turn.
function meetFaults(standing: Map<string, StandingFault>, meeting: Meeting): Misbehaviour {
  const met: Misbehaviour = { delays: [] }
  for (const fault of standing.values()) {
    if (!matches(fault, meeting)) continue
    const isDelay = 'delayMs' in fault.do
    if (!isDelay && met.fault !== undefined) continue
    fault.seen += 1
    const times = fault.times ?? 1
    if (fault.seen <= (fault.after ?? 0) || (times !== 0 && fault.fired >= times)) continue
    fault.fired += 1
    if (isDelay) met.delays.push(fault)
    else met.fault = fault
  }
  return met
}

function matches(fault: StandingFault, meeting: Meeting): boolean {
  if (fault.on !== 'any' && fault.on !== meeting.endpoint) return false
  if (onlyMutating.includes(kindOf(fault.do)) && !mutating.includes(meeting.endpoint)) return false
  if (fault.match?.instance_id !== undefined && fault.match.instance_id !== meeting.instance_id)
    return false
  return fault.match?.service_id === undefined || fault.match.service_id === meeting.service_id
}
