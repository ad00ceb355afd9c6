import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import pino from 'pino'
import { admit } from '../../../webhook/admission/admission.ts'
import { applyPatch } from './apply-patch.ts'
import { readReview } from './pods.ts'

const FOLDER = path.join(import.meta.dirname, '../../fixtures/admission/recorded')
const outside = {
  settings: {
    hostPath: true,
    dumpsDir: '/data/coredog-system/dumps',
    podSecurityDefault: 'baseline' as const,
  },
  levelOf: () => 'privileged' as const,
  log: pino({ enabled: false }),
}

for (const file of readdirSync(FOLDER).filter(file => file.endsWith('.json'))) {
  const name = file.replace(/\.json$/, '')

  it(`admit() mounts the directory into the pod of a review that a real API server wrote: ${name}`, () => {
    const asked = readReview(`recorded/${name}`)
    const { patch = '', uid } = admit(asked, outside).review.response
    assert.equal(uid, asked.request.uid)
    const pod = applyPatch(asked.request.object, JSON.parse(Buffer.from(patch, 'base64').toString()))
    const { generateName, name: podName } = pod.metadata
    const isNamed = generateName === undefined
    assert.deepEqual(pod.spec.volumes?.at(-1), {
      name: 'coredog-corefile',
      hostPath: {
        path: `/data/coredog-system/dumps/shop${isNamed ? `/${podName}` : ''}`,
        type: 'DirectoryOrCreate',
      },
    })
    for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
      assert.deepEqual(container.volumeMounts?.at(-1), {
        name: 'coredog-corefile',
        mountPath: '/corefile',
        ...(isNamed ? { subPath: container.name } : { subPathExpr: `$(COREDOG_POD_NAME)/${container.name}` }),
      })
    }
  })
}
