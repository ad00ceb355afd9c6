import assert from 'node:assert/strict'
import { symlink, unlink } from 'node:fs/promises'
import path from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { execa } from 'execa'
import { OperatorError } from '../../../crash/errors.ts'
import { connectRuntime } from '../../../handler/identity/cri.ts'
import { type FakePod, fakeId, startFakeCri } from '../../fakes/fake-cri.ts'

const APP = fakeId()
const SANDBOX = fakeId()
const POD: FakePod = {
  namespace: 'shop',
  name: 'cart-5d9c7b6f4-x2x8k',
  uid: '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0',
  sandboxId: SANDBOX,
  labels: { app: 'cart', 'app.kubernetes.io/part-of': 'shop' },
  annotations: { 'coredog.io/inject': 'true', note: 'ünïcode' },
  containers: [
    { id: fakeId(), name: 'sidecar' },
    {
      id: APP,
      name: 'cart',
      image: 'registry.example/cart:2.1',
      imageRef: 'registry.example/cart@sha256:abc',
      restartCount: 7,
    },
  ],
}

/** No process is held in these tests, but if something hangs it is better to see what. */
const soon = () => AbortSignal.timeout(120_000)

async function start(context: TestContext, options: Parameters<typeof startFakeCri>[0]) {
  const cri = await startFakeCri(options)
  context.after(() => cri.close())
  return cri
}

describe('connectRuntime', () => {
  it('describes a container and its pod', async t => {
    const { socket } = await start(t, {
      pods: [{ ...POD, name: 'other', sandboxId: fakeId(), containers: [] }, POD],
    })
    assert.deepEqual(await connectRuntime([socket]).describe(APP, soon()), {
      pod: {
        namespace: 'shop',
        name: 'cart-5d9c7b6f4-x2x8k',
        uid: '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0',
        labels: { app: 'cart', 'app.kubernetes.io/part-of': 'shop' },
        annotations: { 'coredog.io/inject': 'true', note: 'ünïcode' },
      },
      container: {
        name: 'cart',
        image: 'registry.example/cart:2.1',
        imageId: 'registry.example/cart@sha256:abc',
        logPath: '/var/log/pods/app/0.log',
        restartCount: 7,
      },
    })
  })

  it('asks for no more than it needs: never verbose, never for all containers', async t => {
    const { socket, calls } = await start(t, { pods: [POD] })
    await connectRuntime([socket]).describe(APP, soon())
    assert.deepEqual(calls.toSorted(), [
      `ContainerStatus {"containerId":"${APP}"}`,
      `ListContainers {"filter":{"id":"${APP}"}}`,
      `PodSandboxStatus {"podSandboxId":"${SANDBOX}"}`,
    ])
  })

  it('prefers the image as the user specified it', async t => {
    const container = { id: APP, name: 'cart', image: 'other-tag:1', userSpecifiedImage: 'cart:latest' }
    const { socket } = await start(t, { pods: [{ ...POD, containers: [container] }] })
    const described = await connectRuntime([socket]).describe(APP, soon())
    assert.equal(described?.container?.image, 'cart:latest')
  })

  it('takes the attempt for the restart count where the kubelet noted none', async t => {
    const { socket } = await start(t, {
      pods: [{ ...POD, containers: [{ id: APP, name: 'cart', attempt: 3 }] }],
    })
    const described = await connectRuntime([socket]).describe(APP, soon())
    assert.equal(described?.container?.restartCount, 3)
  })

  it('describes the pod alone if the id is that of its sandbox', async t => {
    const { socket } = await start(t, { pods: [POD] })
    const described = await connectRuntime([socket]).describe(SANDBOX, soon())
    assert.equal(described?.pod.name, 'cart-5d9c7b6f4-x2x8k')
    assert.equal(described.container, null)
  })

  it('answers null if the runtime knows no such container', async t => {
    const { socket } = await start(t, { pods: [POD] })
    assert.equal(await connectRuntime([socket]).describe(fakeId(), soon()), null)
  })

  it('reads a label called __proto__ as a label', async t => {
    const labels = Object.fromEntries([
      ['__proto__', 'x'],
      ['app', 'cart'],
    ])
    const { socket } = await start(t, { pods: [{ ...POD, labels }] })
    const described = await connectRuntime([socket]).describe(APP, soon())
    assert.equal(described?.pod.labels.app, 'cart')
    assert.equal(Object.getPrototypeOf(described.pod.labels), Object.prototype)
  })

  it('takes a socket written as a URL', async t => {
    const { socket } = await start(t, { pods: [POD] })
    assert.ok(await connectRuntime([`unix://${socket}`]).describe(APP, soon()))
  })
})

describe('connectRuntime among several sockets', () => {
  for (const fault of ['refuse', 'mute', 'hang', 'unavailable', 'unimplemented', 'garbage'] as const) {
    it(`finds the one that knows, past one with the fault "${fault}"`, async t => {
      const broken = await start(t, { fault })
      const whole = await start(t, { pods: [POD] })
      const runtime = connectRuntime(['/nonexistent/cri.sock', broken.socket, whole.socket])
      assert.equal((await runtime.describe(APP, soon()))?.container?.name, 'cart')
    })
  }

  it('finds the one that knows, past one that answered and does not', async t => {
    const other = await start(t, {})
    const whole = await start(t, { pods: [POD] })
    assert.ok(await connectRuntime([other.socket, whole.socket]).describe(APP, soon()))
    assert.equal(await connectRuntime([other.socket, whole.socket]).describe(fakeId(), soon()), null)
  })

  it('does not say null while one of them may know', async t => {
    const other = await start(t, {})
    const broken = await start(t, { pods: [POD], fault: 'unavailable' })
    await assert.rejects(connectRuntime([other.socket, broken.socket]).describe(APP, soon()), /UNAVAILABLE/)
  })
})

describe('connectRuntime, when the runtime fails', () => {
  const faults = {
    refuse: /ECONNREFUSED/,
    unavailable: /not initialized yet/,
    unimplemented: /UNIMPLEMENTED/,
    oversized: /larger than max/,
    garbage: /its answer cannot be read/,
    forgetful: /knows the container, but not its pod/,
  } as const

  for (const [fault, message] of Object.entries(faults) as [keyof typeof faults, RegExp][]) {
    it(`rejects with the socket and the reason: ${fault}`, async t => {
      const { socket } = await start(t, { pods: [POD], fault })
      await assert.rejects(connectRuntime([socket]).describe(APP, soon()), (error: Error) => {
        assert.ok(
          error.message.startsWith(`Cannot ask the container runtime at "${socket}": `),
          error.message,
        )
        assert.match(error.message, message)
        return true
      })
    })
  }

  for (const fault of ['hang', 'mute'] as const) {
    it(`gives up when the signal says so: ${fault}`, async t => {
      const { socket } = await start(t, { pods: [POD], fault })
      const deadline = new AbortController()
      const described = connectRuntime([socket]).describe(APP, deadline.signal)
      setImmediate(() => deadline.abort())
      await assert.rejects(described, /: no answer in time$/)
    })
  }

  it('does not start when the signal was aborted before', async t => {
    const { socket, calls } = await start(t, { pods: [POD] })
    await assert.rejects(connectRuntime([socket]).describe(APP, AbortSignal.abort()), /no answer in time/)
    assert.deepEqual(calls, [])
  })

  it('tells the operator where to name the socket if there is none', async () => {
    await assert.rejects(
      connectRuntime(['/nonexistent/a.sock', '/nonexistent/b.sock']).describe(APP, soon()),
      error => {
        assert.ok(error instanceof OperatorError)
        assert.match(error.message, /none of "\/nonexistent\/a.sock", "\/nonexistent\/b.sock" exists/)
        assert.match(error.hint, /cri\.sockets/)
        return true
      },
    )
  })

  it('connects anew each time: a runtime that was restarted is found at once', async t => {
    const gone = await start(t, { fault: 'refuse' })
    const back = await start(t, { pods: [POD] })
    const socket = `${back.socket}.link`
    await symlink(gone.socket, socket)
    await assert.rejects(connectRuntime([socket]).describe(APP, soon()), /ECONNREFUSED/)
    await unlink(socket)
    await symlink(back.socket, socket)
    assert.ok(await connectRuntime([socket]).describe(APP, soon()))
  })

  // Without the limit, a connection that stays open would keep the test waiting for ever. One on which the
  // other side never spoke does stay, in grpc-js, but does not hold the process: see below.
  it('leaves no connection open', { timeout: 120_000 }, async t => {
    const others = await Promise.all((['hang', 'unavailable'] as const).map(fault => start(t, { fault })))
    const whole = await start(t, { pods: [POD] })
    const all = [...others, whole]
    await connectRuntime(all.map(({ socket }) => socket)).describe(APP, soon())
    await Promise.all(all.map(cri => cri.deserted()))
  })
})

describe('connectRuntime in a process of its own', () => {
  const program = `
    import { connectRuntime } from './handler/identity/cri.ts'
    const [containerId, deadlineMilliseconds, ...sockets] = process.argv.slice(1)
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), Number(deadlineMilliseconds))
    const answer = connectRuntime(sockets).describe(containerId, deadline.signal)
    process.stdout.write(await answer.then(({ container }) => container.name, error => error.message))
    clearTimeout(timer)
  `
  const run = async (deadlineMilliseconds: number, sockets: readonly string[], env = {}) => {
    const args = ['--input-type=module', '--eval', program, APP, `${deadlineMilliseconds}`, ...sockets]
    const cwd = path.resolve(import.meta.dirname, '../../..')
    const { stdout } = await execa(process.execPath, args, { cwd, env, extendEnv: false, timeout: 120_000 })
    return stdout
  }

  it('lets the process end by itself, past sockets that hang', async t => {
    const hanging = await start(t, { fault: 'hang' })
    const mute = await start(t, { fault: 'mute' })
    const { socket } = await start(t, { pods: [POD] })
    assert.equal(await run(60_000, [mute.socket, hanging.socket, socket]), 'cart')
  })

  for (const fault of ['hang', 'mute'] as const) {
    it(`lets the process end by itself when it gave up: ${fault}`, async t => {
      const { socket } = await start(t, { fault })
      assert.match(await run(300, [socket]), /no answer in time/)
    })
  }

  it('goes to the socket and not to a proxy', async t => {
    const { socket } = await start(t, { pods: [POD] })
    const proxy = 'http://127.0.0.1:9'
    const env = { grpc_proxy: proxy, https_proxy: proxy, http_proxy: proxy, all_proxy: proxy }
    assert.equal(await run(60_000, [socket], env), 'cart')
  })
})
