import { existsSync, readFileSync, rmSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { type FakeKube, startFakeKube } from '../../test/fakes/fake-kube.ts'
import { isRoot } from '../arena.ts'
import type { Session } from '../session.ts'
import { type Measured, notMeasured } from '../target.ts'
import { type ApiUse, lookAt } from './api-use.ts'
import { type Idle, idleTable, installerTargets, requestTable } from './installer-table.ts'
import { clusterObjects, NAMESPACE } from './pretended-cluster.ts'
import { PretendedNode } from './pretended-node.ts'
import { RunningInstaller } from './running-installer.ts'

const START_SECONDS = 60
const BOOKMARK_SECONDS = 60
/** As nobody listens on. */
const NOBODYS_PORT = 1
/** The first digits of the UID of kube-system. */
const CLUSTER = '5e7a1c3d'

/** What an installer asks of the API server, and what it needs of the node while nothing crashes. */
export async function measureInstaller({ options, signal, say }: Session): Promise<Measured> {
  if (!isRoot()) return { tables: [], targets: [notMeasured('An installer', '', 'it takes root')] }
  using node = new PretendedNode()
  await using kube = await startFakeKube({ tls: true, namespace: NAMESPACE, objects: clusterObjects() })
  say('a first start, for a minute')
  const first = await startedOnce(node, kube, signal)
  say(`a start on the same node, for a minute, and ${options.rounds} minutes more`)
  const { again, idle, peakBytes } = await idleInstaller(node, kube, { minutes: options.rounds, signal })
  say('a start without an API server')
  const knowsWithout = await knowsWithoutApiServer(node, kube, signal)
  const figures = { first, again, idle, peakBytes, knowsWithout }
  return { tables: [requestTable(figures), idleTable(figures)], targets: installerTargets(figures) }
}

async function startedOnce(node: PretendedNode, kube: FakeKube, signal: AbortSignal): Promise<ApiUse> {
  const use = lookAt(kube)
  await using _ = await RunningInstaller.start(node, kube, signal)
  await setTimeout(START_SECONDS * 1000, undefined, { signal })
  return use()
}

interface Waiting {
  readonly minutes: number
  readonly signal: AbortSignal
}

async function idleInstaller(node: PretendedNode, kube: FakeKube, { minutes, signal }: Waiting) {
  const start = lookAt(kube)
  await using installer = await RunningInstaller.start(node, kube, signal)
  await setTimeout(START_SECONDS * 1000, undefined, { signal })
  const again = start()
  const [use, cpuBefore] = [lookAt(kube), installer.cpuSeconds]
  for (let minute = 0; minute < minutes; minute += 1) {
    await setTimeout(BOOKMARK_SECONDS * 1000, undefined, { signal })
    kube.bookmark()
  }
  const idle: Idle = {
    minutes,
    use: use(),
    cpuSeconds: installer.cpuSeconds - cpuBefore,
    residentBytes: installer.residentBytes,
    series: await installer.series(),
  }
  return { again, idle, peakBytes: installer.peakBytes }
}

/** As after a restart of the node, which empties /run. */
async function knowsWithoutApiServer(
  node: PretendedNode,
  kube: FakeKube,
  signal: AbortSignal,
): Promise<boolean> {
  rmSync(node.below('host/run/coredog'), { recursive: true })
  const away = { folder: kube.folder, port: NOBODYS_PORT }
  await using _ = await RunningInstaller.start(node, away, signal)
  const [told, pods] = ['node.json', 'pods.json'].map(name => textOf(node.below(`host/run/coredog/${name}`)))
  return `${told}`.includes(`"cluster":"${CLUSTER}"`) && `${pods}`.includes('"coredog.io/inject":"true"')
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
