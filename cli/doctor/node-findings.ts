import type { NodeView } from '../../node-view/node-view.ts'
import type { Asked } from '../nodes/asked-installer.ts'
import type { Installer } from '../nodes/installer.ts'
import { type Finding, no, note, ok, unknown } from './finding.ts'

/** What is known of the pod's node. `why`: why something of it is not known. */
export interface NodeFacts {
  readonly name: string
  readonly ready: boolean | { readonly why: string }
  readonly installers: readonly Installer[] | { readonly why: string }
  /** The answer of the installer there. */
  readonly asked: Asked | null
  readonly view: NodeView | null
}

export function nodeFindings(facts: NodeFacts): readonly Finding[] {
  return [readiness(facts), ...installerFindings(facts)]
}

function readiness({ name, ready }: NodeFacts): Finding {
  if (typeof ready === 'object') return unknown(`whether the node ${name} is ready: ${ready.why}`)
  return ready
    ? ok(`the node ${name} is ready`)
    : note(`the node ${name} is not ready`, `kubectl describe node ${name}`)
}

function installerFindings({ name, installers, asked, view }: NodeFacts): readonly Finding[] {
  if (!isList(installers)) return [unknown(`whether CoreDog is on the node: ${installers.why}`)]
  const installer = installers.find(({ node }) => node === name)
  if (installer === undefined)
    return [
      no(
        `no installer of CoreDog runs on the node ${name}`,
        'kubectl coredog status shows all nodes; see the DaemonSet of CoreDog.',
      ),
    ]
  const { namespace, name: pod } = installer
  if (view === null) return [bySight(installer), ...notAsked(asked)]
  if (view.problems.length > 0)
    return view.problems.map(({ what, hint }) => no(`on the node ${name}: ${what}`, hint))
  return view.ready
    ? [ok(`a crash on the node ${name} would be collected (CoreDog ${view.coredog})`)]
    : [no('the installer there has not looked at its node yet', `kubectl -n ${namespace} logs ${pod}`)]
}

function bySight({ ready, namespace, name, node, waiting }: Installer): Finding {
  if (ready) return ok(`an installer of CoreDog is ready on the node ${node}`)
  const why = waiting === undefined ? '' : ` (${waiting})`
  return no(
    `the installer of CoreDog on the node ${node} is not ready${why}`,
    `kubectl -n ${namespace} describe pod ${name}`,
  )
}

function notAsked(asked: Asked | null): readonly Finding[] {
  if (asked === null) return []
  if (asked.is === 'forbidden' || asked.is === 'silent')
    return [unknown(`what the installer sees of the node and of the pod: ${asked.why}`, RIGHTS)]
  return [
    unknown(
      'what the installer sees: it is of another version than this program',
      'Bring both to one version.',
    ),
  ]
}

const RIGHTS =
  'The Role coredog-operator of coredog-system allows to ask it; without, limits and signal handlers are not seen.'

function isList<T>(value: readonly T[] | { readonly why: string }): value is readonly T[] {
  return Array.isArray(value)
}
