import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import pino from 'pino'
import { admit, type Outside } from '../../../webhook/admission/admission.ts'
import type { JsonPatch } from '../../../webhook/admission/json-patch.ts'
import { inputs } from '../../inputs.ts'
import { applyPatch } from './apply-patch.ts'
import { readReview } from './pods.ts'

for (const [fixture, version] of [
  ['bare-pod', 'v1'],
  ['v1beta1', 'v1beta1'],
] as const) {
  it(`admit() answers in ${version} when it is asked in ${version}, with a patch that applies (A38, B23)`, () => {
    const asked = readReview(fixture)
    const { review, outcome } = admit(asked, outside())
    const { patch, patchType, uid, allowed } = review.response
    assert.equal(review.apiVersion, `admission.k8s.io/${version}`)
    assert.deepEqual([patchType, uid, allowed, outcome], ['JSONPatch', asked.request.uid, true, 'injected'])
    const pod = applyPatch(asked.request.object, decode(patch))
    assert.equal(pod.spec.volumes?.at(-1)?.name, 'coredog-corefile')
  })
}

it('admit() logs why a pod is skipped, by the name that its owner searches for (A33, B24)', () => {
  for (const [fixture, name] of [
    ['bare-pod', 'shop/crash-test'],
    ['job', 'shop/import-'],
  ] as const) {
    const lines: string[] = []
    const asked = readReview(fixture)
    asked.request.object.metadata.annotations = { 'coredog.io/inject': 'true', 'coredog.io/path': '/etc' }
    const { review, outcome } = admit(asked, outside(lines))
    const reason = 'annotation coredog.io/path=/etc is not allowed (security: dangerous path)'
    assert.deepEqual(lines, [`Skip injection for pod ${name} - Reason: ${reason}`])
    assert.deepEqual(review.response, {
      uid: asked.request.uid,
      allowed: true,
      warnings: [`coredog: ${reason}`],
    })
    assert.equal(outcome, 'skipped')
  }
})

it('admit() allows a pod that it cannot read, and tells the log (A40)', () => {
  const lines: string[] = []
  const asked = readReview('bare-pod')
  const request = { ...asked.request, object: { ...asked.request.object, spec: { containers: 'none' } } }
  const { review, outcome } = admit({ ...asked, request }, outside(lines))
  assert.deepEqual([review.response.allowed, outcome, lines], [true, 'failed', ['pod left as it is']])
})

it('admit() allows a pod when the level of its namespace cannot be asked', () => {
  const levelOf = () => assert.fail('no connection')
  const { review, outcome } = admit(readReview('bare-pod'), { ...outside(), levelOf })
  assert.deepEqual([review.response.allowed, review.response.patch, outcome], [true, undefined, 'failed'])
})

it('admit() leaves updates and subresources alone', () => {
  const asked = readReview('bare-pod')
  for (const change of [{ operation: 'UPDATE' }, { subResource: 'eviction' }, { kind: { kind: 'Node' } }]) {
    const { review } = admit({ ...asked, request: { ...asked.request, ...change } }, outside())
    assert.deepEqual(review.response, { uid: asked.request.uid, allowed: true })
  }
})

it('admit() keeps warnings fit for an HTTP header', () => {
  const asked = readReview('bare-pod')
  const path = `/etc/\u0007\ud800${'x'.repeat(5000)}`
  asked.request.object.metadata.annotations = { 'coredog.io/inject': 'true', 'coredog.io/path': path }
  const [warning = ''] = admit(asked, outside()).review.response.warnings ?? []
  assert.match(warning, /^coredog: annotation coredog\.io\/path=\/etc\/\?\?x+$/)
  assert.ok(warning.length <= 256)
})

it('admit() takes a huge pod', () => {
  const asked = readReview('job')
  const { containers } = asked.request.object.spec
  const many = Array.from({ length: 2000 }, (_, index) => ({ ...containers[0]!, name: `c${index}` }))
  asked.request.object.spec.containers = many
  const pod = applyPatch(asked.request.object, decode(admit(asked, outside()).review.response.patch))
  assert.equal(pod.spec.containers.filter(({ env }) => env?.length === 1).length, 2000)
})

it('admit() never throws and never refuses, whatever comes', () => {
  fc.assert(
    fc.property(fc.anything(), json => allows(json)),
    inputs(),
  )
})

it('admit() never throws and never refuses, whatever stands in one place of a review', () => {
  const asked = readReview('replica-set')
  const places = placesOf(asked)
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.jsonValue(), (place, value) => {
      const copy = structuredClone(asked)
      const last = place.at(-1) ?? ''
      const parent = place.slice(0, -1).reduce<unknown>((node, key) => (node as Tree)[key], copy)
      ;(parent as Tree)[last] = value
      allows(copy)
    }),
    inputs(500),
  )
})

type Tree = Record<string, unknown>

/** Every path into a tree of JSON, as keys. */
function placesOf(json: unknown): string[][] {
  if (typeof json !== 'object' || json === null) return []
  return Object.entries(json).flatMap(([key, value]) => [
    [key],
    ...placesOf(value).map(rest => [key, ...rest]),
  ])
}

/** The pod is allowed, and a patch, if there is one, applies to what was sent. */
function allows(json: unknown): void {
  const { review } = admit(json, outside())
  assert.equal(review.response.allowed, true)
  const { patch } = review.response
  if (patch !== undefined)
    applyPatch((json as { request: { object: unknown } }).request.object, decode(patch))
}

function decode(patch = ''): JsonPatch {
  return JSON.parse(Buffer.from(patch, 'base64').toString())
}

function outside(lines: string[] = []): Outside {
  return {
    settings: { hostPath: true, dumpsDir: '/data/coredog-system/dumps', podSecurityDefault: 'baseline' },
    levelOf: () => 'privileged',
    log: pino({}, { write: (line: string) => void lines.push(JSON.parse(line).msg) }),
  }
}
