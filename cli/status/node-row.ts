import type { NodeView, ProblemView } from '../../node-view/node-view.ts'
import type { Asked } from '../nodes/asked-installer.ts'
import type { ClusterNode } from '../nodes/cluster-node.ts'
import type { Installer } from '../nodes/installer.ts'
import type { InstallerEvent } from '../nodes/node-events.ts'

/** One node, by all who told of it. */
export interface NodeRow {
  readonly node: string
  readonly installer: Installer | null
  /** As its installer tells; `null`: it was not asked, or did not say. */
  readonly view: NodeView | null
  /** What the newest Event says of a crash there, where the installer could not be asked. */
  readonly lastEvent: InstallerEvent | null
  readonly problems: readonly ProblemView[]
}

/** What is known of one node. */
export interface Known {
  readonly name: string
  /** `null`: nodes may not be read. */
  readonly node: ClusterNode | null
  readonly installer: Installer | null
  readonly asked: Asked | null
  readonly view: NodeView | null
  readonly events: readonly InstallerEvent[]
}

export function rowOf(known: Known): NodeRow {
  const { name, installer, view, events } = known
  return {
    node: name,
    installer,
    view,
    lastEvent: view === null ? (events.find(({ kind }) => kind === 'Pod') ?? null) : null,
    problems: [...nodeProblems(known), ...installerProblems(known), ...toldProblems(known)],
  }
}

function nodeProblems({ node, name }: Known): readonly ProblemView[] {
  if (node === null || node.ready) return []
  return [{ what: 'the node is not ready', hint: `kubectl describe node ${name}` }]
}

function installerProblems({ node, installer, name }: Known): readonly ProblemView[] {
  if (installer === null)
    return node?.canHaveInstaller === false
      ? []
      : [
          {
            what: 'no installer runs here',
            hint: `See why: kubectl describe node ${name}, and the DaemonSet.`,
          },
        ]
  if (installer.waiting === undefined) return []
  const { namespace, name: pod, waiting } = installer
  return [
    { what: `its installer does not start: ${waiting}`, hint: `kubectl -n ${namespace} describe pod ${pod}` },
  ]
}

/** By the installer itself; else by Events and by its readiness. */
function toldProblems({ installer, asked, view, events }: Known): readonly ProblemView[] {
  if (view !== null) return view.problems.map(problem => namingItsPod(problem, installer))
  if (installer === null || installer.waiting !== undefined) return []
  const log = `kubectl -n ${installer.namespace} logs ${installer.name}`
  if (asked?.is === 'silent') return [{ what: `its installer was asked in vain: ${asked.why}`, hint: log }]
  if (asked?.is === 'answered' || asked?.is === 'not found')
    return [{ what: 'its installer is of another version', hint: 'Bring both to one version.' }]
  const told = installer.ready ? undefined : events.find(({ kind }) => kind === 'Node')
  if (told !== undefined) return [{ what: `${told.reason}: ${told.note}`, hint: log }]
  return installer.ready ? [] : [{ what: 'its installer is not ready', hint: log }]
}

/** An installer does not know what its pod is called. */
function namingItsPod({ what, hint }: ProblemView, installer: Installer | null): ProblemView {
  if (installer === null) return { what, hint }
  return {
    what,
    hint: hint.replace('-n coredog-system exec POD ', `-n ${installer.namespace} exec ${installer.name} `),
  }
}
