import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import pino from 'pino'
import { admit } from '../../webhook/admission/admission.ts'
import { applyPatch } from '../webhook/admission/apply-patch.ts'
import type { ContainerJson, PodJson } from '../webhook/admission/pods.ts'
import type { PodSpec } from './pod.ts'

/** A pod that asked for its cores, with what the webhook and the kubelet make of that. */
export interface AnnotatedPod {
  readonly spec: PodSpec
  /** Where its container's cores are on the node. */
  readonly folder: string
}

/**
 * Gives `spec` the annotations, and to its container the mount that the webhook adds. With `generateName` the
 * pod has no name at admission, as those of a Deployment. The directory is as the kubelet makes it: root's,
 * and no other user's to write.
 */
export function annotatedPod(spec: PodSpec, dumpsDir: string, generateName?: string): AnnotatedPod {
  const annotations = { 'coredog.io/inject': 'true', 'coredog.io/path': '/corefile' }
  const { namespace, name, container } = spec
  const metadata = { ...(generateName === undefined ? { name } : { generateName }), namespace, annotations }
  const asked: PodJson = {
    metadata,
    spec: { containers: [{ name: container.name, image: container.image }] },
  }
  const admitted = admittedPod(asked, namespace, dumpsDir)
  const { mountPath, folder } = mountOf(admitted, name)
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const mounts = [...(container.mounts ?? []), { hostPath: folder, containerPath: mountPath }]
  return {
    spec: { ...spec, annotations: admitted.metadata.annotations ?? {}, container: { ...container, mounts } },
    folder,
  }
}

function admittedPod(pod: PodJson, namespace: string, dumpsDir: string): PodJson {
  const request = { uid: randomUUID(), namespace, operation: 'CREATE', kind: { kind: 'Pod' }, object: pod }
  const { review } = admit(
    { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request },
    {
      settings: { hostPath: true, dumpsDir, podSecurityDefault: 'baseline', kernelFolder: '/corefile' },
      levelOf: () => 'privileged',
      log: pino({ enabled: false }),
    },
  )
  const { patch = '' } = review.response
  return applyPatch(pod, JSON.parse(Buffer.from(patch, 'base64').toString()))
}

/** What a kubelet resolves: the path of the volume, and in it the subPath, with its variables. */
function mountOf({ spec }: PodJson, name: string): { mountPath: string; folder: string } {
  const [container] = spec.containers
  const mount = container?.volumeMounts?.at(-1)
  const volume = spec.volumes?.find(({ name }) => name === mount?.name)
  assert.ok(container && mount && volume, 'the webhook has added a mount')
  const inVolume = mount.subPath ?? expanded(String(mount.subPathExpr), container, name)
  const { path: hostPath } = volume.hostPath as { path: string } // as webhook/admission/volume.ts writes it
  return { mountPath: String(mount.mountPath), folder: path.join(hostPath, String(inVolume)) }
}

function expanded(expression: string, { env = [] }: ContainerJson, name: string): string {
  return expression.replace(/\$\((\w+)\)/g, (_, variable: string) => {
    const source = env.find(candidate => candidate.name === variable)?.valueFrom
    assert.deepEqual(source, { fieldRef: { fieldPath: 'metadata.name' } }, `${variable} is the pod's name`)
    return name
  })
}
