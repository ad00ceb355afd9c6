import assert from 'node:assert/strict'
import { it } from 'node:test'
import { thisNode } from '../../../handler/identity/this-node.ts'

it('thisNode() is of the cluster that the configuration names, or else the installer', () => {
  const handed = { name: 'node-1', cluster: '3f2a9c01' }
  assert.equal(thisNode(handed).cluster, '3f2a9c01')
  assert.equal(thisNode(handed, 'eu-1').cluster, 'eu-1')
  assert.equal('cluster' in thisNode(), false)
})
