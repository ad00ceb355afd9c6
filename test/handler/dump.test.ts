import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Dump } from '../../config/config.ts'
import { parseConfig } from '../../config/parse-config.ts'
import type { Identity } from '../../crash/identity.ts'
import { dumpOf } from '../../handler/dump.ts'

function identity(annotation?: string): Identity {
  const annotations = annotation === undefined ? {} : { 'coredog.io/dump': annotation }
  const pod = { namespace: 'shop', name: 'web-0', uid: 'u', labels: {}, annotations }
  return { kind: 'container', containerId: null, podUid: 'u', pod, container: { name: 'app' } } as Identity
}

function dumpWith(collect: string, whose: Identity | null): Dump {
  const { config } = parseConfig(`StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\ncollect: {${collect}}`)
  return dumpOf({ identity: whose }, config)
}

it('dumpOf() is what the pod asks for, and no more than is allowed', () => {
  const wishes = ['stacks', 'private', 'full', undefined]
  const withCeiling = (ceiling: string) =>
    wishes.map(wish => dumpWith(`dump: private, dumpCeiling: ${ceiling}`, identity(wish)))
  assert.deepEqual(withCeiling('full'), ['stacks', 'private', 'full', 'private'])
  assert.deepEqual(withCeiling('private'), ['stacks', 'private', 'private', 'private'])
  assert.deepEqual(withCeiling('stacks'), ['stacks', 'stacks', 'stacks', 'stacks'])
})

it('dumpOf() takes no notice of what says nothing', () => {
  for (const wish of ['', 'Stacks', 'none', 'toString'])
    assert.deepEqual([wish, dumpWith('dump: private', identity(wish))], [wish, 'private'])
  assert.equal(dumpWith('', null), 'full')
  assert.equal(dumpWith('dump: stacks', { kind: 'host' }), 'stacks')
})
