import assert from 'node:assert/strict'
import { it } from 'node:test'
import { firstDifference } from '../../build/first-difference.ts'
import { imageFiles } from '../../build/image-files.ts'
import { packLayer } from '../../build/image-layer.ts'
import { parseImageName } from '../../build/image-name.ts'
import { type Image, packArchive } from '../../build/oci-archive.ts'

async function imageOf(architecture: Image['architecture'], content: string, version = '1'): Promise<Image> {
  const entries = [
    { path: '/app/coredog-handler', content, mode: 0o755 },
    { path: '/bin/node', link: '/app/coredog-handler', mode: 0o777 },
  ]
  return {
    ...{
      name: parseImageName('localhost/coredog:1'),
      architecture,
      layers: [await packLayer('app', entries)],
    },
    settings: { Env: [], Entrypoint: [], WorkingDir: '/', User: '0', Labels: { version } },
  }
}

async function filesOf(...images: readonly [Image, ...Image[]]) {
  return await imageFiles(Buffer.from(await packArchive(...images)))
}

it('imageFiles() has the files of each architecture, and how the image describes itself', async () => {
  const files = await filesOf(await imageOf('x64', 'one'), await imageOf('arm64', 'other'))
  assert.deepEqual(
    [...files.keys()],
    [
      ...['/app/', '/app/coredog-handler', '/bin/', '/bin/node', 'the configuration'].map(
        name => `linux/amd64: ${name}`,
      ),
      ...['/app/', '/app/coredog-handler', '/bin/', '/bin/node', 'the configuration'].map(
        name => `linux/arm64: ${name}`,
      ),
    ],
  )
})

it('imageFiles() tells images apart by a file, and by their labels', async () => {
  const one = await filesOf(await imageOf('x64', 'one'))
  const differences = await Promise.all(
    [imageOf('x64', 'one'), imageOf('x64', 'two'), imageOf('x64', 'one', '2')].map(async other =>
      firstDifference(one, await filesOf(await other)),
    ),
  )
  assert.equal(differences[0], null)
  assert.match(differences[1] ?? '', /^linux\/amd64: \/app\/coredog-handler differs at byte 0 /)
  assert.match(differences[2] ?? '', /^linux\/amd64: the configuration differs at byte /)
})

it('imageFiles() says what is no archive', async () => {
  await assert.rejects(imageFiles(Buffer.alloc(1024)), /it is no OCI archive/)
})
