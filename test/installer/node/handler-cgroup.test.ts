import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { access, constants, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, it } from 'node:test'
import { execa } from 'execa'
import { Host } from '../../../handoff/host.ts'
import {
  HANDLER_CGROUP,
  makeHandlerCgroup,
  removeHandlerCgroup,
} from '../../../installer/node/handler-cgroup.ts'

const MIB = 1024 * 1024

function limitsOf(memoryBytes: number, readAheadBytes: number | 'auto' = 0) {
  return { memoryBytes, readAheadBytes }
}
const scratch: string[] = []
after(() => Promise.all(scratch.map(folder => rm(folder, { recursive: true }))))

it('makeHandlerCgroup sets weight and memory in version 2, and enables what the root does not hand down', async () => {
  const host = await hostWith({ version: 2, controllers: 'cpuset cpu io memory pids', enabled: 'cpu pids' })
  const made = await makeHandlerCgroup(host, { limits: limitsOf(512 * MIB) })
  assert.deepEqual(made.limits, ['cpu', 'memory'])
  assert.equal(await text(host, 'cgroup.subtree_control'), '+memory')
  assert.equal(await text(host, HANDLER_CGROUP, 'cpu.weight'), '20')
  assert.equal(await text(host, HANDLER_CGROUP, 'memory.max'), `${512 * MIB}`)
  assert.equal(await text(host, HANDLER_CGROUP, 'memory.high'), `${448 * MIB}`)
})

it('makeHandlerCgroup hands over paths as the handler sees them, not as the installer does', async () => {
  const host = await hostWith({ version: 2, controllers: 'cpu memory', enabled: 'cpu memory' })
  await makeHandlerCgroup(host, { limits: limitsOf(MIB) })
  await makeHandlerCgroup(host, { limits: limitsOf(MIB) })
  const handoff = JSON.parse(await readFile(host.path('/run/coredog/cgroup.json'), 'utf8'))
  assert.deepEqual(handoff, {
    version: 1,
    procsFiles: ['/sys/fs/cgroup/coredog-handler/cgroup.procs'],
    weights: [{ file: '/sys/fs/cgroup/coredog-handler/cpu.weight', held: '100', afterwards: '20' }],
  })
})

it('makeHandlerCgroup leaves the weight to the handlers that are in it, and takes it back when they are gone', async () => {
  const host = await hostWith({ version: 2, controllers: 'cpu memory', enabled: 'cpu memory' })
  const procs = host.path(`/sys/fs/cgroup/${HANDLER_CGROUP}/cgroup.procs`)
  await makeHandlerCgroup(host, { limits: limitsOf(MIB) })
  await writeFile(host.path(`/sys/fs/cgroup/${HANDLER_CGROUP}/cpu.weight`), '100')
  await writeFile(procs, '4242\n')
  await makeHandlerCgroup(host, { limits: limitsOf(MIB) })
  assert.equal(await text(host, HANDLER_CGROUP, 'cpu.weight'), '100')
  await writeFile(procs, '')
  await makeHandlerCgroup(host, { limits: limitsOf(MIB) })
  assert.equal(await text(host, HANDLER_CGROUP, 'cpu.weight'), '20')
})

it('makeHandlerCgroup takes an earlier limit away', async () => {
  const host = await hostWith({ version: 2, controllers: 'cpu memory', enabled: 'cpu memory' })
  await makeHandlerCgroup(host, { limits: limitsOf(MIB) })
  await makeHandlerCgroup(host, { limits: limitsOf(0) })
  assert.equal(await text(host, HANDLER_CGROUP, 'memory.max'), 'max')
  assert.equal(await text(host, HANDLER_CGROUP, 'memory.high'), 'max')
})

for (const { readAhead, nodeMiB, bytes } of [
  { readAhead: 512 * MIB, nodeMiB: 1024, bytes: 512 * MIB },
  { readAhead: 'auto', nodeMiB: 1024, bytes: 256 * MIB },
  { readAhead: 'auto', nodeMiB: 16_384, bytes: 2048 * MIB },
  { readAhead: 'auto', nodeMiB: 262_144, bytes: 4096 * MIB },
] as const)
  it(`makeHandlerCgroup has room beside limits.memory for all that may be read ahead: ${readAhead}, of ${nodeMiB} MiB`, async () => {
    const host = await hostWith({ version: 2, controllers: 'cpu memory', enabled: 'cpu memory' })
    await writeFile(host.path('/proc/meminfo'), meminfoOf(nodeMiB))
    await makeHandlerCgroup(host, { limits: limitsOf(512 * MIB, readAhead) })
    assert.equal(await text(host, HANDLER_CGROUP, 'memory.max'), `${512 * MIB + bytes}`)
    assert.equal(await text(host, HANDLER_CGROUP, 'memory.high'), `${448 * MIB + bytes}`)
  })

it('makeHandlerCgroup has no limit beside what is read ahead where limits.memory has none', async () => {
  const host = await hostWith({ version: 2, controllers: 'cpu memory', enabled: 'cpu memory' })
  await makeHandlerCgroup(host, { limits: limitsOf(0, 'auto') })
  assert.equal(await text(host, HANDLER_CGROUP, 'memory.max'), 'max')
})

it('makeHandlerCgroup keeps handlers out of swap, where the kernel counts it', async () => {
  const host = await hostWith({ version: 2, controllers: 'cpu memory', enabled: 'cpu memory' })
  const file = host.path(`/sys/fs/cgroup/${HANDLER_CGROUP}/memory.swap.max`)
  await makeHandlerCgroup(host, { limits: limitsOf(MIB) })
  assert.ok(!existsSync(file))
  await writeFile(file, 'max')
  await makeHandlerCgroup(host, { limits: limitsOf(MIB) })
  // As a program that writes to a file of the kernel: what was there before is not cut off.
  assert.equal((await readFile(file, 'utf8')).slice(0, 1), '0')
})

it('makeHandlerCgroup does not lower a limit under a handler that was lent more, and raises one', async () => {
  const host = await hostWith({ version: 2, controllers: 'cpu memory', enabled: 'cpu memory' })
  const procs = host.path(`/sys/fs/cgroup/${HANDLER_CGROUP}/cgroup.procs`)
  const limitsAfter = async (readAhead: number, inIt: string) => {
    await writeFile(procs, inIt)
    await makeHandlerCgroup(host, { limits: limitsOf(512 * MIB, readAhead * MIB) })
    return Number(await text(host, HANDLER_CGROUP, 'memory.max')) / MIB
  }
  await makeHandlerCgroup(host, { limits: limitsOf(512 * MIB) })
  assert.equal(await limitsAfter(256, '4242\n'), 768)
  assert.equal(await limitsAfter(128, '4242\n'), 768)
  assert.equal(await limitsAfter(128, ''), 640)
})

it('makeHandlerCgroup leaves a version 2 alone that has neither controller', async () => {
  const host = await hostWith({ version: 2, controllers: 'hugetlb', enabled: '' })
  assert.deepEqual(await makeHandlerCgroup(host, { limits: limitsOf(MIB) }), {
    limits: [],
    procsFiles: [],
    weights: [],
  })
  assert.ok(!existsSync(host.path(`/sys/fs/cgroup/${HANDLER_CGROUP}`)))
})

it('makeHandlerCgroup says what to do when the cgroups cannot be written', async () => {
  const host = await hostWith({ version: 2, controllers: 'cpu memory', enabled: 'cpu' })
  await rm(host.path('/sys/fs/cgroup/cgroup.subtree_control'))
  await mkdir(host.path('/sys/fs/cgroup/cgroup.subtree_control'))
  await assert.rejects(makeHandlerCgroup(host, { limits: limitsOf(MIB) }))
  await assert.rejects(makeHandlerCgroup(new Host(await folder()), { limits: limitsOf(MIB) }), {
    name: 'OperatorError',
    message: /^Cannot read the node's cgroup mounts/,
  })
})

it('makeHandlerCgroup and removeHandlerCgroup work on the real hierarchies, and leave nothing', async test => {
  const host = new Host('/')
  const options = {
    limits: limitsOf(64 * MIB, 32 * MIB),
    name: `coredog-test-${process.pid}`,
    runFolder: await folder(),
  }
  if (!(await writable('/sys/fs/cgroup'))) return test.skip('not root, or the cgroups cannot be written')
  const made = await makeHandlerCgroup(host, options)
  if (made.procsFiles.length === 0) return test.skip('no hierarchy with cpu or memory is mounted')
  const sleeper = execa('sleep', ['60'], { reject: false })
  try {
    const memory = [['memory.max', 'memory.limit_in_bytes'], SWAP_FILES].map(names =>
      valueIn(made.procsFiles, names),
    )
    assert.deepEqual(memory, [`${(64 + 32) * MIB}`, '0'])
    await makeHandlerCgroup(host, { ...options, limits: limitsOf(0) })
    for (const file of made.procsFiles) {
      await writeFile(file, `${sleeper.pid}`)
      assert.equal((await readFile(file, 'utf8')).trim(), `${sleeper.pid}`)
    }
    await removeHandlerCgroup(host, options)
    for (const file of made.procsFiles) assert.ok(!existsSync(path.dirname(file)), file)
    assert.ok(!existsSync(path.join(options.runFolder, 'cgroup.json')))
    await removeHandlerCgroup(host, options)
  } finally {
    sleeper.kill('SIGKILL')
    await sleeper
    await removeHandlerCgroup(host, options)
  }
})

const SWAP_FILES = ['memory.swap.max', 'memory.swappiness']

/** Of the file with one of `names` beside one of `procsFiles`. */
function valueIn(procsFiles: readonly string[], names: readonly string[]): string | undefined {
  const files = procsFiles.flatMap(file => names.map(name => path.join(path.dirname(file), name)))
  return files.filter(existsSync).map(file => readFileSync(file, 'utf8').trim())[0]
}

/** A scratch root in which the cgroup file system is plain files. */
async function hostWith(v: { version: 2; controllers: string; enabled: string }): Promise<Host> {
  const host = new Host(await folder())
  await mkdir(host.path('/proc/1'), { recursive: true })
  await mkdir(host.path('/sys/fs/cgroup'), { recursive: true })
  await writeFile(host.path('/proc/meminfo'), meminfoOf(1024))
  await writeFile(host.path('/proc/1/mountinfo'), '30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n')
  await writeFile(host.path('/sys/fs/cgroup/cgroup.controllers'), `${v.controllers}\n`)
  await writeFile(host.path('/sys/fs/cgroup/cgroup.subtree_control'), `${v.enabled}\n`)
  return host
}

function meminfoOf(mebibytes: number): string {
  const [total, left] = [mebibytes * 1024, mebibytes * 512]
  return `MemTotal: ${total} kB\nMemFree: ${left} kB\nMemAvailable: ${left} kB\nInactive(file): 0 kB\n`
}

function text(host: Host, ...names: string[]): Promise<string> {
  return readFile(host.path(path.join('/sys/fs/cgroup', ...names)), 'utf8')
}

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'coredog-cgroup-'))
  scratch.push(made)
  return made
}

async function writable(file: string): Promise<boolean> {
  if (process.getuid?.() !== 0) return false
  return access(file, constants.W_OK).then(
    () => true,
    () => false,
  )
}
