// The providers of "growth", four at a time.
import type { GrowthStage } from './stage.ts'

/** @param ids  is filled */
export function registerAll(stage: GrowthStage, ids: string[], count: number): Promise<void> {
  return fourAtOnce(count, async (index) => {
    ids[index] = await registerOne(stage, index + 1)
  })
}

export function refreshAll(stage: GrowthStage, ids: readonly string[]): Promise<void> {
  return fourAtOnce(ids.length, async (index) => {
    await stage.admin('POST', `/api/providers/${ids[index]}/refresh`)
  })
}

async function fourAtOnce(count: number, act: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const run = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await act(index)
  }
  await Promise.all([run(), run(), run(), run()])
}

async function registerOne(stage: GrowthStage, number: number): Promise<string> {
  const { id } = await stage.admin('POST', '/api/providers', {
    name: `p-${number}`,
    backend: 'osb',
    settings: { url: `${stage.providers.url}/${number}` },
    credentials: { username: 'kontor', password: 'bench' },
    refreshSeconds: 86_400,
  })
  return String(id)
}
