/** A core in a pod of a cluster whose every part is real: API server, kubelet, containerd, kubectl exec and gdb. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { execa } from 'execa'
import type { CrashReport } from '../../crash/report.ts'

import { RealTerminal } from '../cli/real-terminal.ts'
import { findProgram } from '../installed-program.ts'
import { buildDebuggerImages, type DebuggerImages } from './debugger-images.ts'
import { eventually } from './eventually.ts'
import type { Image } from './images.ts'
import { findKubePrograms, type KubeCluster, NO_KUBE, startKubeCluster } from './kube-cluster.ts'
import { apiServerArguments, findNodePrograms, NO_KUBELET, startRealNode } from './real-node.ts'
import { openWorld, type World } from './world.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const HANDLER = path.join(ROOT, 'dist/coredog-handler')
const programs = findKubePrograms()
const nodePrograms = findNodePrograms()
const skip = (programs === null && NO_KUBE) || (nodePrograms === null && NO_KUBELET)
const SECONDS = 120
const KUBECTL = findProgram('kubectl') ?? 'kubectl'
const NO_TERMINAL = !RealTerminal.isThere && 'tmux is not installed'
const DEBUG_PODS = 'app.kubernetes.io/component=debug'
const BATCH = ['--batch', '-ex', 'bt', '-ex', 'info sharedlibrary']
const STACK = /^#0 .*Basket::total\b[\s\S]*^#1 .*\bpay\b[\s\S]*^#2 .*\bmain\b/m

describe('kubectl coredog debug --in-cluster', { timeout: 900_000, skip }, () => {
  const opened = new AsyncDisposableStack()
  let world: World
  let cluster: KubeCluster
  let images: DebuggerImages
  /** Ids of crashes, by the image that crashed. */
  const crashes = new Map<Image, string>()

  before(async () => {
    world = opened.use(await openWorld(HANDLER))
    const build = path.join(world.dir, 'debugger-images')
    mkdirSync(build)
    images = await buildDebuggerImages(build)
    for (const image of Object.values(images)) await world.containerd.import(image)
    cluster = opened.use(await startKubeCluster(programs!, apiServerArguments(world.dir))) // skipped without it
    opened.use(await startRealNode(nodePrograms!, world, cluster)) // the same
    await cluster.kubectl(['create', 'namespace', 'shop'])
    await cluster.kubectl(['label', 'namespace', 'shop', 'pod-security.kubernetes.io/enforce=restricted'])
    await world.setCorePattern(world.handler.witnessed())
    world.configure({ collect: { binaries: 'executable' } })
    for (const image of [images.bare, images.shop, images.whole]) crashes.set(image, await crashed(image))
  })
  after(() => opened.disposeAsync())

  it('finds gdb in the image that crashed, and its libraries', async () => {
    const { stdout, stderr, exitCode } = await debug(images.whole, BATCH)
    assert.equal(exitCode, 0, stderr)
    assert.match(stdout, STACK)
    assert.match(stdout, /^0x.* \/lib\/.*libstdc\+\+\.so\.6$/m)
    assert.match(stderr, /removed the job coredog-debug-/)
    await nothingLeft()
  })

  it('takes gdb of another image, and the libraries of the one that crashed', async () => {
    const { stdout, stderr, exitCode } = await debug(images.shop, [...debuggerImage(), ...BATCH])
    assert.equal(exitCode, 0, stderr)
    assert.match(stdout, STACK)
    assert.match(stdout, /^0x.* \/proc\/\d+\/root\/lib\/.*libstdc\+\+\.so\.6$/m)
    await nothingLeft()
  })

  it('does with what is stored where the image that crashed has no shell', async () => {
    const { stdout, stderr, exitCode } = await debug(images.bare, [...debuggerImage(), ...BATCH])
    assert.equal(exitCode, 0, stderr)
    assert.match(stderr, /the crashed image does not start, or has no sh and sleep/)
    assert.match(stdout, STACK)
    assert.match(stdout, /No shared libraries|^ +No +\/lib\/.*libstdc\+\+/m)
    await nothingLeft()
  })

  it('gives gdb the terminal: its prompt, Ctrl-C too, and is gone with it', {
    skip: NO_TERMINAL,
  }, async () => {
    using terminal = open(images.whole)
    await shows(terminal, /\(gdb\) $/)
    terminal.enter('bt 1')
    await shows(terminal, /#0 .*Basket::total[\s\S]*\(gdb\) $/)
    terminal.enter('shell sleep 1000')
    terminal.press('C-c')
    await shows(terminal, /sleep 1000[\s\S]*\(gdb\) $/)
    terminal.enter('quit')
    await shows(terminal, /removed the job coredog-debug-\w+\n\$/)
    await nothingLeft()
  })

  it('takes the pod away when its terminal is closed', { skip: NO_TERMINAL }, async () => {
    const terminal = open(images.whole)
    try {
      await shows(terminal, /\(gdb\) $/)
    } finally {
      terminal[Symbol.dispose]()
    }
    await nothingLeft()
  })

  it('takes it away at Ctrl-C while it starts', { skip: NO_TERMINAL }, async () => {
    using terminal = open(images.whole)
    await shows(terminal, /created the job/)
    terminal.press('C-c')
    await shows(terminal, /removed the job/)
    await nothingLeft()
  })

  it('says so when the pod is killed midway', { skip: NO_TERMINAL }, async () => {
    using terminal = open(images.whole)
    await shows(terminal, /\(gdb\) $/)
    await cluster.kubectl(['-n', 'shop', 'delete', 'pod', '-l', DEBUG_PODS, '--wait=false'])
    await shows(terminal, /error: The debug pod was ended: /)
    await nothingLeft()
  })

  it('says what to do where the image is gone', async () => {
    const { stderr, exitCode } = await debug(images.shop, [
      '--debugger-image',
      'localhost/coredog-e2e/none:1',
    ])
    assert.equal(exitCode, 1)
    assert.match(
      stderr,
      /error: The debug pod does not start: ErrImagePull: .*none:1[^\n]*\n.*--debugger-image/,
    )
    await nothingLeft()
  })

  it('says what the image lacks', async () => {
    const { stderr, exitCode } = await debug(images.shop, [])
    assert.match(stderr, /error: The image that crashed has no gdb, tar, gzip, sha256sum: .*shop:1\n/)
    assert.equal(exitCode, 3)
    const bare = await debug(images.bare, [])
    assert.match(
      bare.stderr,
      /error: The debug pod does not start: .*"sleep".*\nIts image has to have sh, sleep/,
    )
    await nothingLeft()
  })

  it('says which quota refuses the pod', async () => {
    await cluster.kubectl(['-n', 'shop', 'create', 'quota', 'none', '--hard=pods=0'])
    const counted = ['wait', 'quota/none', '--for=jsonpath={.status.hard.pods}=0']
    await cluster.kubectl(['-n', 'shop', ...counted])
    const { stderr, exitCode } = await debug(images.whole, BATCH)
    await cluster.kubectl(['-n', 'shop', 'delete', 'quota', 'none'])
    assert.match(stderr, /error: The debug pod does not start: .*exceeded quota: none.*\nAsk for less/)
    assert.equal(exitCode, 1)
    await nothingLeft()
  })

  it('says which right is missing', async () => {
    const jane = ['--as=jane', ...BATCH]
    const stranger = await debug(images.whole, jane)
    assert.match(stranger.stderr, /error: Cannot create jobs .*\nYou lack the verb "create" on "jobs"/)
    const role = ['create', 'role', 'jobs', '--verb=create,delete,list,get', '--resource=jobs,pods']
    await cluster.kubectl(['-n', 'shop', ...role])
    await cluster.kubectl(['-n', 'shop', 'create', 'rolebinding', 'jane', '--role=jobs', '--user=jane'])
    const { stderr, exitCode } = await debug(images.whole, jane)
    assert.match(
      stderr,
      /error: .*cannot create resource "pods\/exec".*\nYou lack the verb "create" on "pods\/exec"/,
    )
    assert.deepEqual([stranger.exitCode, exitCode], [4, 4])
    await nothingLeft()
  })

  /** A terminal of a person who opens that crash. */
  function open(image: Image): RealTerminal {
    const terminal = new RealTerminal()
    const cache = mkdtempSync(path.join(world.dir, 'cache-'))
    terminal.enter(`export PATH="${path.dirname(KUBECTL)}:$PATH" XDG_CACHE_HOME=${cache}; clear`)
    terminal.enter(`kubectl-coredog ${commandFor(image).join(' ')}`)
    return terminal
  }

  async function shows(terminal: RealTerminal, pattern: RegExp): Promise<void> {
    let screen = ''
    await eventually(`${pattern} in a terminal`, SECONDS, () => {
      screen = terminal.screen.trimEnd()
      return pattern.test(pattern.source.endsWith(' $') ? `${screen} ` : screen) || undefined
    }).catch(cause => {
      throw new Error(`the terminal does not show ${pattern}:\n${screen}`, { cause })
    })
  }

  function debuggerImage(): readonly string[] {
    return ['--debugger-image', images.debugger.name]
  }

  async function crashed({ name }: Image): Promise<string> {
    const job = path.basename(name).replace(/:.*/, '')
    await cluster.kubectl(['apply', '-f', '-'], crashingJob(job, name))
    const isIt = ({ pod }: CrashReport) => pod?.name?.startsWith(`${job}-`) === true
    const { report } = await world.store.crash(`the crash of ${name}`, isIt)
    await cluster.kubectl(['-n', 'shop', 'delete', 'job', job, '--wait=false'])
    return report.id
  }

  async function debug(image: Image, args: readonly string[], environment = {}) {
    const env = {
      PATH: `${path.dirname(KUBECTL)}:${process.env.PATH}`,
      XDG_CACHE_HOME: mkdtempSync(path.join(world.dir, 'cache-')),
      ...environment,
    }
    const command = [...commandFor(image), ...args]
    return await execa(process.execPath, [path.join(ROOT, 'cli/main.ts'), ...command], {
      env,
      reject: false,
      input: '',
    })
  }

  function commandFor(image: Image): readonly string[] {
    const kubeconfig = path.join(path.dirname(cluster.access.caFile ?? ''), 'kubeconfig')
    const where = ['-n', 'shop', '--bucket', world.store.root, '--kubeconfig', kubeconfig]
    return ['debug', crashes.get(image) ?? '', '--in-cluster', ...where]
  }

  async function nothingLeft(): Promise<void> {
    await eventually('the end of the debug pod', SECONDS, async () => {
      const left = ['-n', 'shop', 'get', 'jobs,pods', '-l', DEBUG_PODS, '-o', 'name']
      return (await cluster.kubectl(left)).stdout === '' || undefined
    })
  }
})

function crashingJob(name: string, image: string): object {
  const securityContext = {
    runAsNonRoot: true,
    runAsUser: 1000,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  }
  const template = {
    metadata: { annotations: { 'coredog.io/inject': 'true' } },
    spec: { restartPolicy: 'Never', containers: [{ name: 'app', image, securityContext }] },
  }
  return {
    ...{ apiVersion: 'batch/v1', kind: 'Job' },
    metadata: { namespace: 'shop', name },
    spec: { backoffLimit: 0, template },
  }
}
