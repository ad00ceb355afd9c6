import { ANNOTATIONS } from '../../crash/annotations.ts'
import type { PodView } from '../../node-view/pod-view.ts'
import { type Finding, no, ok, unknown } from './finding.ts'
import type { ContainerFacts, PodFacts } from './pod-facts.ts'

/** Whether crashes of it are wanted: as its node's installer decides, or else as far as the annotation says. */
export function policyFinding(pod: PodFacts, { name }: ContainerFacts, view: PodView | null): Finding {
  const policy = view?.containers.find(container => container.name === name)?.policy
  if (policy === undefined) return byAnnotation(pod, name)
  if (policy.do !== 'skip') return ok(`crashes of ${name} are wanted (coredog.yaml, annotations)`)
  return no(`crashes of ${name} are not wanted: ${policy.reason}`, nextFor(policy.reason, pod))
}

function byAnnotation(pod: PodFacts, name: string): Finding {
  const { inject, container } = ANNOTATIONS
  const only = `${pod.annotations[container] ?? ''}`.split(',').map(each => each.trim())
  if (pod.annotations[inject] !== 'true')
    return unknown(
      `the pod has no annotation ${inject}: "true": crashes of ${name} are kept only where coredog.yaml has collect.pods: all`,
      annotate(pod),
    )
  if (only.some(each => each !== '') && !only.includes(name))
    return no(
      `${name} is not in the annotation ${container}: "${only.join()}"`,
      `Add it: kubectl annotate --overwrite ${of(pod)} ${container}=…`,
    )
  return ok(`the pod has the annotation ${inject}: "true"`)
}

function nextFor(reason: string, pod: PodFacts): string {
  if (reason.startsWith(`annotation ${ANNOTATIONS.inject}`)) return annotate(pod)
  if (reason.includes(ANNOTATIONS.container))
    return `Add it: kubectl annotate --overwrite ${of(pod)} ${ANNOTATIONS.container}=…`
  return 'An operator of CoreDog can change that: `collect` in coredog.yaml.'
}

/** The handler hears it of a pod that runs; a new pod has its workload's. */
function annotate(pod: PodFacts): string {
  return `kubectl annotate --overwrite ${of(pod)} ${ANNOTATIONS.inject}=true, and the same in the pod template of its workload`
}

function of({ namespace, name }: PodFacts): string {
  return `-n ${namespace} pod ${name}`
}
