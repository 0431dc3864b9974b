// A plain model of the Open Service Broker API 2.17 as one platform sees it: the expected answer to
// each request, and the resulting instances and bindings. It knows nothing of rows, jobs or
// providers. Only invalid requests fail here; test/faults tests faults.

import { isDeepStrictEqual } from 'node:util'

export type Parameters = Readonly<Record<string, unknown>>

export interface PlanFacts {
  readonly offering: string
  /** The provider is asynchronous: requests without accepts_incomplete get AsyncRequired. */
  readonly slow: boolean
  readonly slowBinding: boolean
  readonly bindable: boolean
  readonly updateable: boolean
}

export type Command =
  | {
      readonly do: 'provision'
      readonly instance: number
      readonly plan: string
      readonly parameters?: Parameters
      readonly wait: boolean
    }
  | {
      readonly do: 'update'
      readonly instance: number
      readonly plan?: string
      readonly parameters?: Parameters
      readonly wait: boolean
      readonly wrong?: boolean
    }
  | {
      readonly do: 'deprovision'
      readonly instance: number
      readonly wait: boolean
      readonly wrong?: boolean
    }
  | {
      readonly do: 'bind'
      readonly instance: number
      readonly binding: number
      readonly parameters?: Parameters
      readonly wait: boolean
      readonly wrong?: boolean
    }
  | {
      readonly do: 'unbind'
      readonly instance: number
      readonly binding: number
      readonly wait: boolean
      readonly wrong?: boolean
    }
  | { readonly do: 'fetch' | 'poll'; readonly instance: number; readonly binding?: number }
  | { readonly do: 'stranger'; readonly instance: number }
  | { readonly do: 'settle' }

/** An operation that a platform could poll; `token` comes from the 202. */
export interface Operation {
  readonly kind: 'provision' | 'update' | 'deprovision' | 'bind' | 'unbind'
  state: 'in progress' | 'succeeded' | 'failed'
  token?: string
  readonly finish: () => void
}

export interface Expected {
  readonly status: number
  readonly error?: 'AsyncRequired' | 'ConcurrencyError'
  /** The operation that a 202 must name. */
  readonly operation?: Operation
  /** The expected fields of a 200. */
  readonly body?: Readonly<Record<string, unknown>>
  /** The expected plan of a 200. */
  readonly plan?: string
}

export interface Binding {
  readonly instance: number
  readonly parameters: Parameters | undefined
  state: 'binding' | 'ready'
  running?: Operation | undefined
}

export interface Instance {
  plan: string
  parameters: Parameters | undefined
  /** Its parameters have changed since its order, so no order is a repetition any more. */
  patched: boolean
  state: 'creating' | 'ready'
  running?: Operation | undefined
  change?: readonly unknown[]
}

const asyncRequired = { status: 422, error: 'AsyncRequired' } as const
const concurrency = { status: 422, error: 'ConcurrencyError' } as const
const same = (a: Parameters | undefined, b: Parameters | undefined) =>
  isDeepStrictEqual(a ?? {}, b ?? {})
/** All plans of the tests have this schema: `size` is a number. */
const fits = (parameters: Parameters | undefined) =>
  parameters?.['size'] === undefined || typeof parameters['size'] === 'number'

export class Model {
  readonly instances = new Map<number, Instance>()
  readonly bindings = new Map<number, Binding>()
  readonly #plans: Readonly<Record<string, PlanFacts>>
  readonly #newest = new Map<string, Operation>()

  constructor(plans: Readonly<Record<string, PlanFacts>>) {
    this.#plans = plans
  }

  judge(command: Command): Expected {
    switch (command.do) {
      case 'provision':
        return this.#provision(command)
      case 'update':
        return this.#update(command)
      case 'deprovision':
        return this.#deprovision(command)
      case 'bind':
        return this.#bind(command)
      case 'unbind':
        return this.#unbind(command)
      case 'fetch':
        return command.binding === undefined
          ? this.#fetch(command.instance)
          : this.#fetchBinding(command.instance, command.binding)
      case 'poll':
        return this.#poll(
          command.binding === undefined
            ? `i${command.instance}`
            : `i${command.instance}b${command.binding}`,
        )
      case 'stranger':
        return { status: 404 }
      case 'settle':
        this.settle()
        return { status: 0 }
      default:
        return command satisfies never
    }
  }

  /** Ends all running operations. */
  settle(): void {
    for (const { running } of [...this.bindings.values(), ...this.instances.values()]) {
      if (running?.state === 'in progress') running.finish()
    }
  }

  #facts(plan: string): PlanFacts | undefined {
    return this.#plans[plan]
  }

  #begin(key: string, kind: Operation['kind'], finish: () => void): Operation {
    const operation: Operation = {
      kind,
      state: 'in progress',
      finish: () => {
        operation.state = 'succeeded'
        finish()
      },
    }
    this.#newest.set(key, operation)
    return operation
  }

  /** A call that runs asynchronously: 202 with accepts_incomplete, AsyncRequired without. */
  #call(
    key: string,
    kind: Operation['kind'],
    slow: boolean,
    wait: boolean,
    status: number,
    finish: () => void,
    hold: (operation: Operation) => void,
  ): Expected {
    const operation = this.#begin(key, kind, finish)
    if (slow && !wait) {
      operation.state = 'failed'
      return asyncRequired
    }
    if (!slow) {
      operation.finish()
      return { status }
    }
    hold(operation)
    return { status: 202, operation }
  }

  #provision({
    instance: id,
    plan,
    parameters,
    wait,
  }: Extract<Command, { do: 'provision' }>): Expected {
    const existing = this.instances.get(id)
    if (existing !== undefined) {
      if (existing.running?.kind === 'deprovision') return concurrency
      if (existing.plan !== plan || existing.patched || !same(existing.parameters, parameters))
        return { status: 409 }
      if (existing.running?.kind === 'provision')
        return wait ? { status: 202, operation: existing.running } : asyncRequired
      return { status: 200 }
    }
    const facts = this.#facts(plan)
    if (facts === undefined || !fits(parameters)) return { status: 400 }
    const instance: Instance = { plan, parameters, patched: false, state: 'creating' }
    return this.#call(
      `i${id}`,
      'provision',
      facts.slow,
      wait,
      201,
      () => {
        instance.state = 'ready'
        instance.running = undefined
        this.instances.set(id, instance)
      },
      (operation) => {
        instance.running = operation
        this.instances.set(id, instance)
      },
    )
  }

  #update(command: Extract<Command, { do: 'update' }>): Expected {
    const { instance: id, parameters, wait } = command
    const instance = this.instances.get(id)
    if (instance === undefined) return { status: 404 }
    if (command.wrong === true) return { status: 400 }
    const asked = [command.plan, parameters]
    if (instance.running !== undefined) {
      if (instance.running.kind !== 'update' || !isDeepStrictEqual(instance.change, asked))
        return concurrency
      return wait ? { status: 202, operation: instance.running } : asyncRequired
    }
    if (this.#bindingsOf(id).some(({ running }) => running !== undefined)) return concurrency
    const now = this.#facts(instance.plan)
    const changesPlan = command.plan !== undefined && command.plan !== instance.plan
    const target = changesPlan ? this.#facts(command.plan ?? '') : now
    if (target === undefined || target.offering !== now?.offering) return { status: 400 }
    if (changesPlan && !now.updateable) return { status: 422 }
    if (!changesPlan && parameters === undefined) return { status: 200 }
    if (!fits(parameters)) return { status: 400 }
    const after =
      parameters === undefined ? instance.parameters : { ...instance.parameters, ...parameters }
    const isNothing = !changesPlan && same(after, instance.parameters)
    return this.#call(
      `i${id}`,
      'update',
      now.slow && !isNothing,
      wait,
      200,
      () => {
        instance.running = undefined
        if (changesPlan) instance.plan = command.plan ?? ''
        if (parameters !== undefined) Object.assign(instance, { parameters: after, patched: true })
      },
      (operation) => {
        instance.running = operation
        instance.change = asked
      },
    )
  }

  #deprovision({ instance: id, wait, wrong }: Extract<Command, { do: 'deprovision' }>): Expected {
    const instance = this.instances.get(id)
    if (instance === undefined) return { status: 410 }
    if (wrong === true) return { status: 400 }
    const { running } = instance
    if (running?.kind === 'deprovision')
      return wait ? { status: 202, operation: running } : asyncRequired
    if (
      running?.kind === 'update' ||
      this.#bindingsOf(id).some((binding) => binding.running !== undefined)
    )
      return concurrency
    if (running?.kind === 'provision') {
      if (!wait) return concurrency
      // The delete cancels it.
      running.state = 'failed'
    }
    const facts = this.#facts(instance.plan)
    const leftSlow = facts?.slowBinding === true && this.#bindingsOf(id).length > 0
    return this.#call(
      `i${id}`,
      'deprovision',
      facts?.slow === true || leftSlow,
      wait,
      200,
      () => {
        this.instances.delete(id)
        for (const [key, binding] of this.bindings)
          if (binding.instance === id) this.bindings.delete(key)
      },
      (operation) => {
        instance.running = operation
      },
    )
  }

  #bind({
    instance: id,
    binding: key,
    parameters,
    wait,
    wrong,
  }: Extract<Command, { do: 'bind' }>): Expected {
    const instance = this.instances.get(id)
    if (instance === undefined) return { status: 404 }
    const existing = this.bindings.get(key)
    if (wrong === true) return { status: existing === undefined ? 400 : 409 }
    if (existing !== undefined) {
      if (existing.instance !== id) return { status: 409 }
      if (existing.running?.kind === 'unbind' || instance.running?.kind === 'deprovision')
        return concurrency
      if (!same(existing.parameters, parameters)) return { status: 409 }
      if (existing.running !== undefined)
        return wait ? { status: 202, operation: existing.running } : asyncRequired
      return { status: 200 }
    }
    if (instance.running !== undefined) return concurrency
    const facts = this.#facts(instance.plan)
    if (facts?.bindable !== true || !fits(parameters)) return { status: 400 }
    const binding: Binding = { instance: id, parameters, state: 'binding' }
    return this.#call(
      `i${id}b${key}`,
      'bind',
      facts.slowBinding,
      wait,
      201,
      () => {
        binding.state = 'ready'
        binding.running = undefined
        this.bindings.set(key, binding)
      },
      (operation) => {
        binding.running = operation
        this.bindings.set(key, binding)
      },
    )
  }

  #unbind({
    instance: id,
    binding: key,
    wait,
    wrong,
  }: Extract<Command, { do: 'unbind' }>): Expected {
    const instance = this.instances.get(id)
    const binding = this.bindings.get(key)
    if (instance === undefined || binding?.instance !== id) return { status: 410 }
    if (wrong === true) return { status: 400 }
    if (instance.running !== undefined) return concurrency
    if (binding.running?.kind === 'unbind')
      return wait ? { status: 202, operation: binding.running } : asyncRequired
    if (binding.running?.kind === 'bind') {
      if (!wait) return concurrency
      binding.running.state = 'failed'
    }
    return this.#call(
      `i${id}b${key}`,
      'unbind',
      this.#facts(instance.plan)?.slowBinding === true,
      wait,
      200,
      () => {
        this.bindings.delete(key)
      },
      (operation) => {
        binding.running = operation
      },
    )
  }

  #fetch(id: number): Expected {
    const instance = this.instances.get(id)
    if (instance === undefined || instance.state === 'creating') return { status: 404 }
    return instance.running?.kind === 'deprovision'
      ? concurrency
      : { status: 200, plan: instance.plan, body: { parameters: instance.parameters } }
  }

  #fetchBinding(id: number, key: number): Expected {
    const binding = this.bindings.get(key)
    const isThere =
      binding?.instance === id &&
      binding.state === 'ready' &&
      this.instances.get(id)?.running?.kind !== 'deprovision'
    return isThere ? { status: 200, body: { parameters: binding.parameters } } : { status: 404 }
  }

  #poll(key: string): Expected {
    const operation = this.#newest.get(key)
    return operation === undefined
      ? { status: 404 }
      : { status: 200, body: { state: operation.state } }
  }

  #bindingsOf(id: number): Binding[] {
    return [...this.bindings.values()].filter(({ instance }) => instance === id)
  }
}
