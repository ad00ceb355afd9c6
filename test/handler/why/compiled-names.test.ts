import assert from 'node:assert/strict'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { compiledNames } from '../../../handler/why/compiled-names.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

it('compiledNames() has visible characters alone, of a file that a process may write itself', t => {
  const file = path.join(temporaryFolder(t), 'perf-7.map')
  const map = '1000 20 JS:*to\x1b[31mtal /app/\u202ecart.js:3:1\n'
  writeFileSync(file, map)
  const fd = openSync(file, 'r')
  t.after(() => closeSync(fd))
  const opened = { kind: 'perf-map' as const, path: file, fd, sizeBytes: Buffer.byteLength(map) }
  const frame = { module: null, lookupAddress: 0x1000n }
  // All that is read of the two.
  const names = compiledNames({ runtimeFiles: [opened] } as never, [frame] as never)
  assert.deepEqual(names.get(0x1000n), {
    name: 'to\\x1b[31mtal',
    file: '/app/\\u{202e}cart.js',
    line: 3,
    isOwn: true,
  })
})
