// Changes the wall clock while the process runs, as an operator or a time server does. Monotonic
// time (performance.now, timers) stays right, as on a real machine.

const RealDate = Date
let offsetMs = 0

/** Makes the wall clock wrong by so much from now on. */
export function shiftClock(ms: number): void {
  offsetMs = ms
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(
        target,
        args.length === 0 ? [RealDate.now() + offsetMs] : args,
        newTarget,
      ) as object,
    get: (target, key, receiver) =>
      key === 'now'
        ? () => RealDate.now() + offsetMs
        : (Reflect.get(target, key, receiver) as unknown),
  })
}
