/** An event as the event streams of HTML have it. @param data  JSON, which has no line breaks */
export function eventText(name: string, data: string, id?: string): string {
  return `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`
}

/** How long a browser waits before it opens a stream again; not the same for all of them. */
export function retryText(random: number): string {
  return `retry: ${Math.round(1_000 + random * 4_000)}\n`
}
