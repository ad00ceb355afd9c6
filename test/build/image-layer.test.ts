import assert from 'node:assert/strict'
import { it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { unpackTar } from 'modern-tar'
import { digestOf, type ImageEntry, packLayer } from '../../build/image-layer.ts'

const program: ImageEntry = { path: '/usr/local/bin/node', content: Buffer.from('program'), mode: 0o755 }
const document: ImageEntry = { path: '/etc/passwd', content: 'root:x:0:0\n', mode: 0o644 }
const folder: ImageEntry = { path: '/tmp', mode: 0o1777 }

it('packs files and the folders that they are in, in order, as nobody’s but root’s', async () => {
  const { blob } = await packLayer('system', [program, folder, document])
  const headers = (await unpackTar(gunzipSync(blob))).map(({ header }) => header)
  assert.deepEqual(
    headers.map(({ name, mode }) => [name, mode]),
    [
      ['etc/', 0o755],
      ['etc/passwd', 0o644],
      ['tmp/', 0o1777],
      ['usr/', 0o755],
      ['usr/local/', 0o755],
      ['usr/local/bin/', 0o755],
      ['usr/local/bin/node', 0o755],
    ],
  )
  for (const { name, uid, gid, mtime } of headers)
    assert.deepEqual([uid, gid, mtime], [0, 0, new Date(0)], name)
})

it('keeps every byte', async () => {
  const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251))
  const { blob } = await packLayer('one', [{ ...program, content }])
  const data = (await unpackTar(gunzipSync(blob))).at(-1)?.data
  assert.ok(data && content.equals(data))
})

it('gives the same bytes for the same entries, whatever their order', async () => {
  const one = await packLayer('system', [program, folder, document])
  const other = await packLayer('system', [document, program, folder])
  assert.ok(one.blob.equals(other.blob))
})

it('names the archive by its digest before it was compressed', async () => {
  const { blob, diffId } = await packLayer('system', [document])
  assert.equal(diffId, digestOf(gunzipSync(blob)))
  assert.match(diffId, /^sha256:[\da-f]{64}$/)
})
