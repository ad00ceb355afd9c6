import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { gzipStored } from '../../../api/endpoints/gzip-stored.ts'
import { type TarMember, tarOf } from '../../../api/endpoints/tar.ts'
import { inputs } from '../../inputs.ts'

function member(name: string, bytes: Buffer, sizeBytes = bytes.length): TarMember {
  const modified = new Date('2026-11-28T04:21:17Z')
  return {
    name,
    sizeBytes,
    modified,
    chunks: async function* () {
      yield bytes
    },
  }
}

async function written(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

function tar(archive: Buffer, ...args: string[]): string {
  const { stdout, stderr, status } = spawnSync('tar', args, {
    input: archive,
    env: { PATH: process.env.PATH, TZ: 'UTC' },
  })
  assert.equal(status, 0, String(stderr))
  return stdout.toString()
}

it('GNU tar has out of it what was put in, long names too', async () => {
  const long = `${'container-'.repeat(12)}/server-20261128T042117Z-7/core.gz`
  const archive = await written(
    gzipStored(
      tarOf([
        member('app/core', Buffer.from('one')),
        member(long, Buffer.alloc(512, 'x')),
        member('empty', Buffer.alloc(0)),
      ]),
    ),
  )
  assert.deepEqual(tar(archive, '-tzf', '-').trim().split('\n'), ['app/core', long, 'empty'])
  assert.equal(tar(archive, '-xzOf', '-', 'app/core'), 'one')
  assert.equal(tar(archive, '-xzOf', '-', long), 'x'.repeat(512))
  assert.match(tar(archive, '-tvzf', '-'), /^-rw------- 0\/0 +3 2026-11-28 04:21 app\/core$/m)
})

it('a core of 8 GiB has its size beside the header, which has no room for it', async () => {
  const size = 2 ** 33
  const header = (await tarOf([member('core', Buffer.alloc(0), size)]).next()).value
  assert.ok(header)
  assert.match(Buffer.from(header).toString('latin1'), /19 size=8589934592\n/)
  // It lacks what the member has, which tar says, too.
  const { stdout } = spawnSync('tar', ['-tvf', '-'], { input: header })
  assert.match(stdout.toString(), / 8589934592 /)
})

it('a member that has not as many bytes as it said ends the tar in the middle', async () => {
  for (const size of [2, 4])
    await assert.rejects(written(tarOf([member('core', Buffer.from('abc'), size)])), /has not the/)
})

it('gzip gives back what gzipStored() took', async () => {
  const chunks = fc.array(fc.uint8Array({ size: 'medium' }), { maxLength: 8 })
  const take = async (given: Uint8Array[]) => {
    const archive = await written(gzipStored(each(given)))
    assert.deepEqual(gunzipSync(archive), Buffer.concat(given))
  }
  await fc.assert(fc.asyncProperty(chunks, take), inputs())
  await take([Buffer.alloc(200_000, 'abc')])
})

async function* each(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}
