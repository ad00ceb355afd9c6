import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { deploymentNameOf } from '../../../installer/supply/deployment-name.ts'
import { inputs } from '../../inputs.ts'

const labelled = (hash: string) => ({ app: 'web', 'pod-template-hash': hash })

it('deploymentNameOf() takes the hash of the pods off the name of their ReplicaSet', () => {
  // As clusters have them.
  assert.equal(deploymentNameOf('coredns-76f75df574', labelled('76f75df574')), 'coredns')
  assert.equal(deploymentNameOf('web-7c9d5b6f4', labelled('7c9d5b6f4')), 'web')
  assert.equal(deploymentNameOf('shop.web-2-b4', labelled('b4')), 'shop.web-2')
})

it('deploymentNameOf() does not know one of another hash, or of none', () => {
  const others: readonly (readonly [string, Readonly<Record<string, string>> | undefined])[] = [
    ['web-7c9d5b6f4', undefined],
    ['web-7c9d5b6f4', { 'rollouts-pod-template-hash': '7c9d5b6f4' }],
    ['web-7c9d5b6f4', labelled('6f4')],
    ['web-7c9d5b6f4', labelled('7c9d5b6f5')],
    ['web7c9d5b6f4', labelled('7c9d5b6f4')],
    ['web-', labelled('')],
    ['-7c9d5b6f4', labelled('7c9d5b6f4')],
    ['7c9d5b6f4', labelled('7c9d5b6f4')],
  ]
  for (const [name, labels] of others) assert.equal(deploymentNameOf(name, labels), undefined, name)
})

it('deploymentNameOf() believes no hash that Kubernetes would not make, and no name that no object has', () => {
  for (const hash of ['web', '1', 'B4', 'bcdfghjklmn', '-b4', 'b4\n', 'b-4', 'b'.repeat(100_000)])
    assert.equal(deploymentNameOf(`web-${hash}`, labelled(hash)), undefined, hash.slice(0, 20))
  for (const name of ['web-', '-web', 'Web', 'we b', 'web/../api', 'web\n', '.', 'wéb'])
    assert.equal(deploymentNameOf(`${name}-b4`, labelled('b4')), undefined, name)
})

it('deploymentNameOf() does not know a name that Kubernetes may have cut', () => {
  const ofLength = (length: number) => deploymentNameOf(`${'w'.repeat(length - 3)}-b4`, labelled('b4'))
  assert.equal(ofLength(252), 'w'.repeat(249))
  assert.equal(ofLength(253), undefined)
  assert.equal(ofLength(1_000_000), undefined)
})

it('deploymentNameOf() gives what the name begins with, for any name and labels', () => {
  const hash = fc.oneof(fc.string(), fc.stringMatching(/^[b-df-hj-np-tv-xz24-9]{1,11}$/))
  fc.assert(
    fc.property(fc.string(), hash, (name, hash) => {
      const found = deploymentNameOf(`${name}-${hash}`, labelled(hash))
      assert.ok(found === undefined || (found === name && found !== ''))
    }),
    inputs(),
  )
})
