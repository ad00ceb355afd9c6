import { messageOf } from '../../crash/errors.ts'
import type { NodeView } from '../../node-view/node-view.ts'
import { nodeViewIn } from '../../node-view/parse-view.ts'
import { inParallel } from '../../time/in-parallel.ts'
import { type Pause, pause as realPause } from '../../time/pause.ts'
import { type Cluster, ClusterError } from '../cluster.ts'
import { type Asked, askInstaller } from '../nodes/asked-installer.ts'
import { type ClusterNode, nodesOf } from '../nodes/cluster-node.ts'
import { type Installer, installersOf } from '../nodes/installer.ts'
import { type InstallerEvent, installerEvents } from '../nodes/node-events.ts'
import { type NodeRow, rowOf } from './node-row.ts'

export interface NodesRead {
  readonly rows: readonly NodeRow[]
  /** What could not be read, and what is missing for it. */
  readonly notes: readonly string[]
}

interface Reading {
  /** Where the installers are; absent: where they usually are. */
  readonly systemNamespace?: string
  /** How long to wait for the handlers' self-tests. */
  readonly trialSeconds: number
  readonly signal: AbortSignal
  readonly pause?: Pause
}

const AT_ONCE = 32
/** Of thousands of nodes whose installers are all silent, each takes ten seconds. */
const MOST_SECONDS = 60

/** All nodes, each asked by way of its installer. Rejects only where not even the installers' pods may be listed. */
export async function readNodes(cluster: Cluster, reading: Reading): Promise<NodesRead> {
  const { systemNamespace, signal } = reading
  const [installers, nodes] = await Promise.all([
    installersOf(cluster, systemNamespace, signal),
    allowed(nodesOf(cluster, signal)),
  ])
  const running = installers.filter(({ node }) => node !== undefined)
  const from = Date.now()
  const asked = new Map(
    await inParallel(running, AT_ONCE, async installer => {
      return [installer.node, await askUntilTried(cluster, installer, { ...reading, from })] as const
    }),
  )
  const forbidden = [...asked.values()].find(({ asked: { is } }) => is === 'forbidden')?.asked
  const events = forbidden === undefined ? NO_EVENTS : await allowed(installerEvents(cluster, null, signal))
  const rows = namesOf(nodes, running).map(name => rowFor(name, { nodes, running, asked, events }))
  return { rows, notes: notesOf(forbidden, nodes, events) }
}

type Told = { readonly asked: Asked; readonly view: NodeView | null }
type Allowed<T> = { readonly found: T } | { readonly why: string }

const NO_EVENTS: Allowed<readonly InstallerEvent[]> = { found: [] }

/** The answer, or that it may not be had. */
async function allowed<T>(answer: Promise<T>): Promise<Allowed<T>> {
  try {
    return { found: await answer }
  } catch (error) {
    if (error instanceof ClusterError) return { why: messageOf(error) }
    throw error
  }
}

const TOO_LATE: Asked = { is: 'silent', why: `it was not its turn within ${MOST_SECONDS} seconds` }

/** The first one to ask has the handler tried: that takes seconds. */
async function askUntilTried(
  cluster: Cluster,
  installer: Installer,
  { from, trialSeconds, signal, pause = realPause }: Reading & { readonly from: number },
): Promise<Told> {
  for (;;) {
    const passedSeconds = (Date.now() - from) / 1000
    if (passedSeconds > MOST_SECONDS) return { asked: TOO_LATE, view: null }
    const asked = await askInstaller(cluster, installer, '/status.json', signal)
    const view = asked.is === 'answered' ? nodeViewIn(asked.body) : null
    const isTried = view === null || view.trial.ageSeconds !== null || !view.trial.running
    if (isTried || passedSeconds >= trialSeconds) return { asked, view }
    await pause(1, signal)
    signal.throwIfAborted()
  }
}

function namesOf(nodes: Allowed<readonly ClusterNode[]>, running: readonly Installer[]): readonly string[] {
  const named = 'found' in nodes ? nodes.found.map(({ name }) => name) : []
  return [...new Set([...named, ...running.map(({ node = '' }) => node)])].toSorted()
}

interface AllRead {
  readonly nodes: Allowed<readonly ClusterNode[]>
  readonly running: readonly Installer[]
  readonly asked: ReadonlyMap<string | undefined, Told>
  readonly events: Allowed<readonly InstallerEvent[]>
}

function rowFor(name: string, { nodes, running, asked, events }: AllRead): NodeRow {
  const told = asked.get(name)
  return rowOf({
    name,
    node: 'found' in nodes ? (nodes.found.find(node => node.name === name) ?? null) : null,
    installer: running.find(({ node }) => node === name) ?? null,
    asked: told?.asked ?? null,
    view: told?.view ?? null,
    events: 'found' in events ? events.found.filter(({ node }) => node === name) : [],
  })
}

function notesOf(
  forbidden: Asked | undefined,
  nodes: Allowed<unknown>,
  events: Allowed<unknown>,
): readonly string[] {
  const notes: string[] = []
  if (forbidden?.is === 'forbidden')
    notes.push(
      `The installers could not be asked, so pattern, store and spool are unknown; what Pods, Nodes and Events say is shown. The Role coredog-operator of coredog-system allows it. ${forbidden.why}`,
    )
  if ('why' in nodes) notes.push(`Nodes without an installer are not seen. ${nodes.why}`)
  if ('why' in events) notes.push(`Crashes and what Events tell of nodes are not seen. ${events.why}`)
  return notes
}
