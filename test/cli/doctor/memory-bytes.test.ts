import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { memoryBytes } from '../../../cli/doctor/memory-bytes.ts'
import { inputs } from '../../inputs.ts'

it('memoryBytes() reads quantities as Kubernetes writes them', () => {
  const read = ['128974848', '129M', '123Mi', '1.5Gi', '1k', '1Ki', '2T'].map(memoryBytes)
  assert.deepEqual(read, [128_974_848, 129e6, 128_974_848, 1_610_612_736, 1000, 1024, 2e12])
  for (const none of [undefined, null, '', '1Zi', '-1', '1e3', 'x', {}]) assert.equal(memoryBytes(none), null)
})

it('memoryBytes() never throws', () => {
  fc.assert(
    fc.property(fc.string(), text => void memoryBytes(text)),
    inputs(),
  )
})
