/** 0: calm. 1: strained. 2: overloaded. */
export type Level = 0 | 1 | 2

export interface LevelOptions {
  /** From this value on it is strained. */
  readonly strained: number
  readonly overloaded: number
  /** A level is left below this share of the value that led to it. */
  readonly release: number
}

// A level is left only after so long, or a limit that is just met would let through and refuse by turns.
const calmMs = 2_000

/** How a figure stands to its limits: up at once, down one level at a time, and only when it has been well below for a while. */
export function createLevel({
  strained,
  overloaded,
  release,
}: LevelOptions): (value: number, nowMs: number) => Level {
  let level: Level = 0
  let lowSinceMs: number | undefined
  return (value, nowMs) => {
    const seen = value >= overloaded ? 2 : value >= strained ? 1 : 0
    if (seen > level) {
      level = seen
      lowSinceMs = undefined
    } else if (level === 0 || value >= (level === 2 ? overloaded : strained) * release) {
      lowSinceMs = undefined
    } else {
      lowSinceMs ??= nowMs
      if (nowMs - lowSinceMs >= calmMs) {
        level = level === 2 ? 1 : 0
        lowSinceMs = undefined
      }
    }
    return level
  }
}
