import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'

/**
 * How much of its memory this process uses, in percent: of the heap that V8 may have, or of what the container may have for
 * heap and buffers, whichever is nearer to its end. Not the resident memory: Node gives little of it back, so that pressure
 * that once began would never end.
 * @param containerBytes  what the container may have, 0 if it has no limit; what code, stacks and the rest take now is left to them
 */
export function memoryGauge(containerBytes = process.constrainedMemory()): () => number {
  const { rss, heapTotal, external } = process.memoryUsage()
  const most = containerBytes > 0 ? Math.min(containerBytes, totalmem()) : totalmem()
  // A container that is smaller than that would not have started us.
  const ours = Math.max(most - Math.max(0, rss - heapTotal - external), most / 4)
  return () => {
    const {
      used_heap_size: heap,
      heap_size_limit: maxHeap,
      external_memory: buffers,
    } = getHeapStatistics()
    return 100 * Math.max(heap / maxHeap, (heap + buffers) / ours)
  }
}
