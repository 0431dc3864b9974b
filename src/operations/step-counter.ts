import { defineCounter } from '../telemetry/counter.ts'

export const operationSteps = defineCounter<{ kind: string; state: string }>(
  'kontor_operation_steps_total',
  'Steps of operations, by kind and the state they led to.',
  ['kind', 'state'],
)
