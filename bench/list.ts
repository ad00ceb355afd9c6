import { readFileSync } from 'node:fs'
import { type ChildServer, startChildServer } from './child-server.ts'
import { type Listing, listTable, listTargets } from './list-table.ts'
import { Load } from './load.ts'
import type { Session } from './session.ts'
import type { Measured } from './target.ts'

const CRASHES = 100_000
const LATENCY_MS = 20
const AT_ONCE = 1000
/** What kubectl asks for. */
const ACCEPT = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

/** How long it takes to be told of 500 of 100,000 crashes. */
export async function measureList({ options: { rounds }, signal, say }: Session): Promise<Measured> {
  using load = new Load()
  await using store = await startChildServer('crash-store-server.ts', [
    `--crashes=${CRASHES}`,
    `--latency-ms=${LATENCY_MS}`,
  ])
  const first: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    await using api = await startChildServer('list-server.ts', [store.endpoint])
    first.push((await asked(api, '/shop?limit=500', signal)).seconds)
  }
  await using api = await startChildServer('list-server.ts', [store.endpoint])
  const listings: Listing[] = [{ name: FIRST, seconds: first }, ...(await inOneServer(api, rounds, signal))]
  say(`${AT_ONCE} lists at once`)
  const atOnce = await manyAtOnce(api, signal)
  const found = { listings, atOnce, crashes: CRASHES, latencyMs: LATENCY_MS, load: load.sentence }
  return { tables: [listTable(found)], targets: listTargets(found) }
}

export const FIRST = 'the newest 500, of a server that has just started'
export const NOT_READ = 'the next 500, whose reports it has not read'

async function inOneServer(
  api: ChildServer,
  rounds: number,
  signal: AbortSignal,
): Promise<readonly Listing[]> {
  const seconds: Record<string, number[]> = {}
  const time = async (name: string, path: string): Promise<Answer> => {
    const answer = await asked(api, path, signal)
    seconds[name] = [...(seconds[name] ?? []), answer.seconds]
    return answer
  }
  let page = await asked(api, '/shop?limit=500', signal)
  for (let round = 0; round < rounds; round += 1) {
    page = await time(NOT_READ, `/shop?limit=500&continue=${page.token}`)
    await time('the newest 500 once more', '/shop?limit=500')
    await time('of all namespaces the newest 500', '/?limit=500')
    await time(
      'of one pod, among 20,000',
      `/shop?labelSelector=coredog.io/pod=checkout-7c9f5d8b6-0${round}abc`,
    )
    await time('one by its name', `/shop/${page.name}`)
  }
  return Object.entries(seconds).map(([name, seconds]) => ({ name, seconds }))
}

async function manyAtOnce(api: ChildServer, signal: AbortSignal) {
  const began = performance.now()
  await Promise.all(Array.from({ length: AT_ONCE }, () => asked(api, '/shop?limit=500', signal)))
  const seconds = (performance.now() - began) / 1000
  return { count: AT_ONCE, seconds, peakMiB: peakMiBOf(api.pid) }
}

interface Answer {
  readonly seconds: number
  readonly token: string
  /** Of the last one. */
  readonly name: string
}

async function asked({ endpoint }: ChildServer, path: string, signal: AbortSignal): Promise<Answer> {
  const began = performance.now()
  const answer = await fetch(endpoint + path, { headers: { accept: ACCEPT }, signal })
  const text = await answer.text()
  const seconds = (performance.now() - began) / 1000
  if (!answer.ok) throw new Error(`Cannot measure "${path}": ${answer.status} ${text.slice(0, 200)}`)
  const { metadata, rows } = JSON.parse(text) as {
    metadata: { continue?: string }
    rows: { cells: string[] }[]
  }
  const wanted = path.includes('limit=500') ? 500 : rows.length
  const read = rows.filter(({ cells }) => cells[3] === 'NullPointer')
  if (read.length !== wanted) throw new Error(`Cannot measure "${path}": it has ${read.length} crashes`)
  return { seconds, token: metadata.continue ?? '', name: rows.at(-1)?.cells[0] ?? '' }
}

function peakMiBOf(pid: number): number {
  const kibibytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kibibytes) / 1024
}
