import assert from 'node:assert/strict'
import { it } from 'node:test'
import { thisNode } from '../../../handler/identity/this-node.ts'

it('thisNode() is of the cluster that the configuration names, or else the installer', () => {
  const handoff = { name: 'node-1', cluster: '3f2a9c01' }
  assert.equal(thisNode(handoff).cluster, '3f2a9c01')
  assert.equal(thisNode(handoff, 'eu-1').cluster, 'eu-1')
  assert.equal('cluster' in thisNode(), false)
})
