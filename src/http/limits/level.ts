/** 0: normal. 1: strained. 2: overloaded. */
export type Level = 0 | 1 | 2

export interface LevelOptions {
  /** The value from which the level is 1. */
  readonly strained: number
  /** The value from which the level is 2. */
  readonly overloaded: number
  /** A level ends below this share of the value at which it began. */
  readonly release: number
}

// Without this time a value near its limit would let requests through and refuse them by turns.
const releaseMs = 2_000

/**
 * Judges a value with hysteresis: up at once, down one level at a time and only after a while well
 * below.
 */
export function createLevel({
  strained,
  overloaded,
  release,
}: LevelOptions): (value: number, nowMs: number) => Level {
  let level: Level = 0
  let lowSinceMs: number | undefined
  return (value, nowMs) => {
    const reached = value >= overloaded ? 2 : value >= strained ? 1 : 0
    if (reached > level) {
      level = reached
      lowSinceMs = undefined
    } else if (level === 0 || value >= (level === 2 ? overloaded : strained) * release) {
      lowSinceMs = undefined
    } else {
      lowSinceMs ??= nowMs
      if (nowMs - lowSinceMs >= releaseMs) {
        level = level === 2 ? 1 : 0
        lowSinceMs = undefined
      }
    }
    return level
  }
}
