import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type DebugMaking, debugJob } from '../../../../cli/debug/in-cluster/debug-job.ts'

const MAKING: DebugMaking = {
  image: 'registry/gdb:1',
  crashed: null,
  pullSecrets: [],
  architecture: null,
  sizeBytes: 1 << 30,
  memory: '2Gi',
}

// biome-ignore lint/suspicious/noExplicitAny: as the program made it
function specOf(making: Partial<DebugMaking> = {}): any {
  return (debugJob({ ...MAKING, ...making }) as { spec: object }).spec
}

it('debugJob() is removed by Kubernetes where nobody else does', () => {
  const { template, ...job } = specOf()
  assert.deepEqual(job, { backoffLimit: 0, activeDeadlineSeconds: 14_400, ttlSecondsAfterFinished: 60 })
  assert.equal(template.spec.restartPolicy, 'Never')
})

it('debugJob() is as Pod Security "restricted" has it, and has no token of an account', () => {
  const { spec } = specOf({ crashed: 'registry/web:1' }).template
  assert.equal(spec.automountServiceAccountToken, false)
  assert.equal(spec.securityContext.runAsNonRoot, true)
  assert.deepEqual(spec.securityContext.seccompProfile, { type: 'RuntimeDefault' })
  assert.equal(spec.containers.length, 2)
  for (const { securityContext, resources } of spec.containers) {
    assert.deepEqual(securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    for (const part of [resources.requests, resources.limits]) assert.ok(part.cpu && part.memory)
  }
})

it('debugJob() asks for a disk with room for what is copied, and gives it no more', () => {
  const { volumes, containers } = specOf().template.spec
  const room = `${(1 << 30) + (256 << 20)}`
  assert.deepEqual(volumes, [{ name: 'crash', emptyDir: { sizeLimit: room } }])
  const { requests, limits } = containers[0].resources
  assert.deepEqual([requests['ephemeral-storage'], limits['ephemeral-storage']], [room, room])
})

for (const { memory, requested } of [
  { memory: '2Gi', requested: '256Mi' },
  { memory: '100Mi', requested: '100Mi' },
  { memory: '1000Mi', requested: '256Mi' },
])
  it(`debugJob() requests ${requested} of memory where its limit is ${memory}`, () => {
    const [{ resources }] = specOf({ memory }).template.spec.containers
    assert.deepEqual([resources.requests.memory, resources.limits.memory], [requested, memory])
  })

it('debugJob() runs on a machine as the core is of, best where it crashed', () => {
  const { spec } = specOf({ architecture: 'arm64', node: 'node-7', pullSecrets: ['regcred'] }).template
  assert.deepEqual(spec.nodeSelector, { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64' })
  const { preferredDuringSchedulingIgnoredDuringExecution: preferred } = spec.affinity.nodeAffinity
  assert.deepEqual(preferred[0].preference.matchFields[0].values, ['node-7'])
  assert.deepEqual(spec.imagePullSecrets, [{ name: 'regcred' }])
})

it('debugJob() shares processes only where the crashed image runs beside the debugger', () => {
  const alone = specOf().template.spec
  assert.deepEqual([alone.shareProcessNamespace, alone.containers.length], [false, 1])
  const { shareProcessNamespace, containers } = specOf({ crashed: 'registry/web:1' }).template.spec
  assert.deepEqual([shareProcessNamespace, containers[1].image], [true, 'registry/web:1'])
  // As the kubelet gives it to the shell.
  const [, , script] = containers[1].command.map((word: string) => word.replaceAll('$$', '$'))
  assert.match(script, /^echo \$\$ > \/coredog\/crashed-pid && exec sleep 14400$/)
})
