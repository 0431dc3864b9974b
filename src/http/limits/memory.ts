import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'

/**
 * Measures how much of its memory this process uses, in percent: of V8's heap limit, or of what the
 * container leaves for heap and buffers, whichever is higher. Not the resident memory: Node returns
 * little of it, so pressure would never end.
 * @param containerBytes  memory limit of the container, 0 if there is none; what code, stacks and
 *   the rest use now is subtracted
 */
export function memoryGauge(containerBytes = process.constrainedMemory()): () => number {
  const { rss, heapTotal, external } = process.memoryUsage()
  const total = containerBytes > 0 ? Math.min(containerBytes, totalmem()) : totalmem()
  // At least a quarter: the limit of a container in which Kontor has started is not as small as
  // that.
  const available = Math.max(total - Math.max(0, rss - heapTotal - external), total / 4)
  return () => {
    const {
      used_heap_size: heap,
      heap_size_limit: maxHeap,
      external_memory: buffers,
    } = getHeapStatistics()
    return 100 * Math.max(heap / maxHeap, (heap + buffers) / available)
  }
}
