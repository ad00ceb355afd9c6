/** The image that users get, in a container as strict as the one that the webhook runs in. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { rootCertificates } from 'node:tls'
import { packLayers } from '../../build/image-contents.ts'
import type { Layer } from '../../build/image-layer.ts'
import { ownArchitecture } from '../../build/node-binary.ts'
import { readNeeds } from '../../build/program-needs.ts'
import { VERSION } from '../../crash/version.ts'
import { buildAgentImage, HANDLER_IN_IMAGE } from './agent-image.ts'
import { eventually } from './eventually.ts'
import { imageLibraries } from './image-libraries.ts'
import type { Image } from './images.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')

describe('the image', { timeout: 600_000 }, () => {
  let world: World
  let image: Image
  let layers: readonly Layer[]

  before(async () => {
    world = await openWorld(HANDLER)
    image = await buildAgentImage(world.dir)
    await world.containerd.import(image)
    layers = await packLayers(ownArchitecture(), await imageLibraries())
  })
  after(() => world?.[Symbol.asyncDispose]())

  /** What a container says that does this and ends. */
  async function run(command: readonly string[], user?: number): Promise<string> {
    const container = {
      name: 'app',
      image: image.name,
      command,
      readOnlyRoot: true,
      ...(user !== undefined && { user }),
    }
    const pod = await world.runPod({ namespace: 'coredog-system', name: 'image', container })
    const exitCode = await eventually(`the end of ${command.join(' ')}`, 60, async () => {
      const status = await world.containerd.cri.containerStatus(pod.containerId)
      return status.state === 'CONTAINER_EXITED' ? [status.exitCode] : undefined
    })
    const log = readFileSync(path.join(world.dir, 'logs', pod.uid, 'app/0.log'), 'utf8')
    assert.deepEqual(exitCode, [0], log)
    // Each line begins with a time, a stream, and whether the line is whole.
    return log.replace(/^\S+ std(out|err) \w /gm, '')
  }

  const unpacked = () => layers.flatMap(({ entries }) => entries)

  for (const mode of ['installer', 'webhook']) {
    it(`has the ${mode}, also as manifests of the release before start it`, async () => {
      assert.match(await run([HANDLER_IN_IMAGE, mode, '--help']), RegExp(`^Usage: coredog-handler ${mode} `))
      assert.match(await run(['node', `/app/coredog-${mode}.js`, '--help']), /^Usage: coredog-handler /)
    })
  }

  it('has the handler', async () => {
    assert.equal(await run([HANDLER_IN_IMAGE, '--version']), `${VERSION}\ngzip by ISA-L 2.32.1, from /app\n`)
  })

  it('has the chroot that tries the handler in another root', async () => {
    const said = await run(['chroot', '/', HANDLER_IN_IMAGE, '--version'], 0)
    assert.ok(said.startsWith(`${VERSION}\ngzip by `), said)
  })

  it('starts as a user without rights', async () => {
    const container = { name: 'app', image: image.name, command: [HANDLER_IN_IMAGE, 'webhook', 'run'] }
    const pod = await world.runPod({ namespace: 'coredog-system', name: 'webhook', container })
    assert.match(readFileSync(`/proc/${pod.pid}/status`, 'utf8'), /^Uid:\t65532\t65532\t65532\t65532$/m)
  })

  it('has no shell, and whom Node trusts', () => {
    const files = unpacked().filter(({ content }) => content !== undefined)
    assert.deepEqual(
      files.filter(({ path: file }) => /\/(ba|da)?sh$/.test(file)),
      [],
    )
    const trusted = files.find(({ path: file }) => file === '/etc/ssl/certs/ca-certificates.crt')?.content
    assert.equal(String(trusted).match(/BEGIN/g)?.length, rootCertificates.length)
  })

  it('is fetched as at most 50 MB, and takes at most 130 on a node', () => {
    const fetched = layers.reduce((sum, { blob }) => sum + blob.length, 0)
    assert.ok(fetched <= 50e6, `${fetched} bytes`)
    const bytes = unpacked().reduce((sum, { content = '' }) => sum + Buffer.byteLength(content), 0)
    assert.ok(bytes > 80e6 && bytes <= 130e6, `${bytes} bytes`)
  })

  it('has a handler that asks no more of a host than Node itself', () => {
    const official = path.resolve(
      import.meta.dirname,
      `../../node_modules/node-linux-${process.arch}/bin/node`,
    )
    assert.deepEqual(readNeeds(readFileSync(HANDLER)), readNeeds(readFileSync(official)))
  })
})
