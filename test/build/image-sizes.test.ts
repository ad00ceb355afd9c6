import assert from 'node:assert/strict'
import { it } from 'node:test'
import { packLayer } from '../../build/image-layer.ts'
import { renderSizes } from '../../build/image-sizes.ts'

it('says what takes how much, and names large files', async () => {
  const zeros = Buffer.alloc(2_000_000)
  const table = renderSizes([
    await packLayer('node', [
      { path: '/bin/node', content: zeros, mode: 0o755 },
      { path: '/bin/small', content: zeros.subarray(0, 300_000), mode: 0o755 },
    ]),
    await packLayer('rest', [{ path: '/rest', content: zeros.subarray(0, 600_000), mode: 0o644 }]),
  ])
  assert.deepEqual(
    table.split('\n').map(line => line.trim().split(/ {2,}/)),
    [
      ['compressed', 'unpacked'],
      ['node', '0.0 MB', '2.3 MB'],
      ['/bin/node', '2.0 MB'],
      ['rest', '0.0 MB', '0.6 MB'],
      ['/rest', '0.6 MB'],
      ['all', '0.0 MB', '2.9 MB'],
      [''],
    ],
  )
})
