import type { PodView } from '../../node-view/pod-view.ts'
import type { InstallerEvent } from '../nodes/node-events.ts'
import { type Finding, no, note, ok, unknown } from './finding.ts'
import { lastEndFindings } from './last-end.ts'
import { type NodeFacts, nodeFindings } from './node-findings.ts'
import type { PodFacts } from './pod-facts.ts'
import { policyFinding } from './policy-findings.ts'
import { probeFindings } from './probe-findings.ts'
import { processFindings } from './process-findings.ts'

/** All that was read of a pod and its node. */
export interface PodRead {
  readonly pod: PodFacts
  /** `null`: it is on none yet. */
  readonly node: NodeFacts | null
  /** As the installer of its node sees it. */
  readonly view: PodView | null
  /** Of its RuntimeClass; `null`: unknown, or it has none. */
  readonly runtimeHandler: string | null
  readonly events: readonly InstallerEvent[] | { readonly why: string }
}

/** Would a crash of it be collected, and if not, why: what decides it first. */
export function podFindings(read: PodRead): readonly Finding[] {
  const { pod, node } = read
  if (node === null)
    return [
      no(`the pod is on no node yet (${pod.phase})`, `kubectl -n ${pod.namespace} describe pod ${pod.name}`),
    ]
  return [
    ...pod.containers.map(container => policyFinding(pod, container, read.view)),
    ...nodeFindings(node),
    ...runtimeFindings(read),
    ...seenFindings(read, node),
    ...firstProcess(pod),
    ...pod.containers.flatMap(probeFindings),
    ...ends(read),
  ]
}

function seenFindings({ pod, view }: PodRead, node: NodeFacts): readonly Finding[] {
  if (view !== null) return pod.containers.flatMap(container => processFindings(pod, container, view))
  if (node.view === null) return []
  return [
    unknown('the installer there does not know the pod', 'It may be too young: try again in some seconds.'),
  ]
}

const OWN_KERNEL = /kata|gvisor|runsc|firecracker|peerpod/i

/** By name only: where the node is asked, it says whether its kernel has the processes. */
function runtimeFindings({ pod: { runtimeClass }, runtimeHandler }: PodRead): readonly Finding[] {
  if (runtimeClass === null) return []
  const named = `${runtimeClass} ${runtimeHandler ?? ''}`
  if (OWN_KERNEL.test(named))
    return [
      no(
        `runtimeClassName ${runtimeClass} has a kernel of its own in each pod: the node's kernel does not see its crashes`,
        'Run it with the usual runtime, at least to find the crash.',
      ),
    ]
  return [
    note(
      `runtimeClassName ${runtimeClass} is not known here`,
      'With a kernel of its own (Kata, gVisor) the node does not see its crashes.',
    ),
  ]
}

/** pid_namespaces(7). */
function firstProcess({ sharesProcesses }: PodFacts): readonly Finding[] {
  if (sharesProcesses) return []
  return [
    note(
      'the first process of a container gets no signal from within that it has no handler for (`kill -SEGV 1` does nothing); real faults, and those of its children, make cores',
      'To try it out: kubectl coredog test. With shareProcessNamespace: true it is the first one no more.',
    ),
  ]
}

function ends({ pod, events }: PodRead): readonly Finding[] {
  const known = 'why' in events ? [] : events.filter(({ uid, name }) => uid === pod.uid || name === pod.name)
  const found = pod.containers.flatMap(container => lastEndFindings(pod, container, known))
  if (found.length === 0) return [ok('no container of it has ended yet')]
  return 'why' in events ? [...found, unknown(`what Events tell of its crashes: ${events.why}`)] : found
}
