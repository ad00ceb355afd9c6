import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { filePieces } from '../../../installer/node/file-pieces.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'

for (const bytes of [0, 1, 2 ** 20, 2 ** 20 + 1, 3 * 2 ** 20]) {
  it(`filePieces() gives ${bytes} bytes, all of them in one buffer`, async t => {
    const file = path.join(temporaryFolder(t), 'file')
    const content = randomBytes(bytes)
    writeFileSync(file, content)
    const pieces: Buffer[] = []
    const buffers = new Set<ArrayBufferLike>()
    for await (const piece of filePieces(file)) {
      buffers.add(piece.buffer)
      pieces.push(Buffer.from(piece))
    }
    assert.ok(Buffer.concat(pieces).equals(content))
    assert.ok(buffers.size <= 1)
  })
}
