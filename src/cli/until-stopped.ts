/** Waits for SIGINT, SIGTERM or SIGHUP and then stops; a second signal does not wait any longer. */
export async function untilStopped (stop: () => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))
  await stop()
}
