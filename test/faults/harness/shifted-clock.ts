// A wall clock that is set while the process runs, as an operator or a time server does it. What counts on and on
// (performance.now, timers) is not touched, as it is not on a real machine.

const RealDate = Date
let offsetMs = 0

/** From now on the wall clock is wrong by so much. */
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
