/** The image that users get, in a container as strict as the one that the webhook runs in. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { readNeeds } from '../../build/program-needs.ts'
import { VERSION } from '../../crash/version.ts'
import { buildAgentImage, IN_IMAGE } from './agent-image.ts'
import { eventually } from './eventually.ts'
import type { Image } from './images.ts'
import { openWorld, type World } from './world.ts'

const HANDLER = path.resolve(import.meta.dirname, '../../dist/coredog-handler')

describe('the image', { timeout: 600_000 }, () => {
  let world: World
  let image: Image

  before(async () => {
    world = await openWorld(HANDLER)
    image = await buildAgentImage(world.dir)
    await world.containerd.import(image)
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

  async function evaluate(expression: string): Promise<string> {
    return (await run(['node', '--print', expression])).trimEnd()
  }

  it('starts Node as a user without rights, who cannot write', async () => {
    assert.equal(await evaluate('process.execPath'), IN_IMAGE.node)
    assert.equal(await evaluate('os.userInfo().username'), 'nonroot')
    assert.equal(await evaluate('try { fs.mkdirSync("/x") } catch ({ code }) { code }'), 'EROFS')
  })

  for (const program of [IN_IMAGE.installer, IN_IMAGE.webhook]) {
    it(`has ${program}`, async () => assert.match(await run(['node', program, '--help']), /^Usage: coredog-/))
  }

  it('has the handler', async () => {
    assert.equal(await run([IN_IMAGE.handler, '--version']), `${VERSION}\ngzip by ISA-L 2.32.1, from /app\n`)
  })

  it('has the chroot that tries the handler in another root', async () => {
    const said = await run(['chroot', '/', IN_IMAGE.handler, '--version'], 0)
    assert.ok(said.startsWith(`${VERSION}\ngzip by `), said)
  })

  it('has no shell, and whom Node trusts', async () => {
    assert.equal(await evaluate('["/bin/sh", "/bin/bash"].some(fs.existsSync)'), 'false')
    const trusted = 'fs.readFileSync("/etc/ssl/certs/ca-certificates.crt", "utf8").match(/BEGIN/g).length'
    assert.equal(await evaluate(`${trusted} === tls.rootCertificates.length`), 'true')
  })

  it('takes at most 250 MB on a node', async () => {
    const folders = '["/app", "/etc", "/lib", "/lib64", "/usr"]'
    const files = `${folders}.flatMap(top => fs.readdirSync(top, { recursive: true }).map(name => top + "/" + name))`
    const bytes = `${files}.map(file => fs.lstatSync(file)).reduce((sum, { size }) => sum + size, 0)`
    const all = Number(await evaluate(bytes))
    assert.ok(all > 200e6 && all <= 250e6, `${all} bytes`)
  })

  it('has a handler that asks no more of a host than Node itself', () => {
    const official = path.resolve(
      import.meta.dirname,
      `../../node_modules/node-linux-${process.arch}/bin/node`,
    )
    assert.deepEqual(readNeeds(readFileSync(HANDLER)), readNeeds(readFileSync(official)))
  })
})
