import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { representationFor } from '../../../api/coredumps/representation.ts'
import { StatusError } from '../../../api/status-error.ts'
import { inputs } from '../../inputs.ts'

const KUBECTL =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json'
const METADATA_CLIENT =
  'application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'

const WANTED: readonly (readonly [string, 'get' | 'list' | 'watch', string])[] = [
  ['', 'list', 'object'],
  ['*/*', 'get', 'object'],
  ['application/json', 'watch', 'object'],
  ['application/vnd.kubernetes.protobuf, application/json', 'list', 'object'],
  [KUBECTL, 'list', 'table'],
  [KUBECTL, 'get', 'table'],
  [METADATA_CLIENT, 'list', 'metadata'],
  [METADATA_CLIENT, 'watch', 'metadata'],
  ['application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1', 'get', 'metadata'],
  ['application/json;q=0.5,application/json;as=Table;v=v1;g=meta.k8s.io', 'list', 'table'],
  ['application/json;as=Table;v=v9;g=meta.k8s.io,application/json', 'list', 'object'],
]

for (const [accept, verb, expected] of WANTED)
  it(`a ${verb} that accepts "${accept}" gets ${expected}`, () => {
    assert.equal(representationFor(accept, verb), expected)
  })

for (const accept of [
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json;q=0',
  'x;as=Table',
])
  it(`what accepts "${accept}" alone gets a 406`, () => {
    assert.throws(() => representationFor(accept, 'list'), { name: 'StatusError', code: 406 })
  })

it('there is an answer to every Accept header', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), accept => {
      try {
        representationFor(accept, 'list')
      } catch (thrown) {
        assert.ok(thrown instanceof StatusError)
      }
    }),
    inputs(),
  )
})
