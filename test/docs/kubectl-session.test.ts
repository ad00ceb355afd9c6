import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, it } from 'node:test'
import { runProgram } from '../../cli/program.ts'
import { openSource } from '../../cli/source/open-source.ts'
import { groupFolder } from '../../crash/group-key.ts'
import { CrashGroup } from '../../groups/crash-group.ts'
import { KeptOutput, pretendedWorld } from '../cli/pretended-world.ts'
import { addCrash, emptyStore } from '../cli/stored-crash.ts'
import { ENTRY } from '../fakes/index-entry.ts'
import { documentOf } from './documents.ts'

const { blocks } = documentOf('docs/kubectl.md')
const sessions = blocks.filter(
  ({ language, text }) => language === 'text' && text.startsWith('$ kubectl coredog'),
)

it('docs/kubectl.md shows what its commands really print', async () => {
  assert.ok(sessions.length >= 5)
  const { folder, store } = await emptyStore()
  await storeShop(store)
  const home = await mkdtemp(path.join(tmpdir(), 'coredog-session-'))
  after(() => rm(home, { recursive: true, force: true }))
  for (const { text, place } of sessions) {
    const [, ...commands] = text.split(/^\$ kubectl coredog /m)
    for (const command of commands) {
      const [line = '', ...shown] = command.trimEnd().split('\n')
      assert.deepEqual((await printed(line, folder, home)).split('\n'), shown, `${place}: ${line}`)
    }
  }
})

const CHECKOUT = groupFolder({ ...ENTRY, workload: 'Deployment.checkout', fingerprint: ['total'] })

async function storeShop(store: Parameters<typeof addCrash>[0]): Promise<void> {
  const core = Buffer.alloc(1_200_000, 'core')
  await addCrash(store, {
    core,
    log: 'POST /basket/42\nno cart for session 7\n',
    report: {
      node: { name: 'ip-10-0-1-7' },
      pod: { workload: { kind: 'Deployment', name: 'checkout' } },
      container: { image: 'registry.example/checkout:1.4.2', restartCount: 3 },
      process: {
        namespacedPid: 17,
        namespacedThreadId: 23,
        comm: 'worker_3',
        executable: '/app/server',
        arguments: ['/app/server', '--port', '8080'],
      },
      signal: { number: 11, name: 'SIGSEGV', code: 'SEGV_MAPERR', faultAddress: '0x0' },
      crash: {
        reason: 'Read of a null pointer (address 0x0)',
        frames: [
          {
            function: 'Basket::total() const',
            module: '/app/server',
            file: 'basket.cc',
            line: 41,
            own: true,
          },
          { function: 'main', module: '/app/server', file: 'main.cc', line: 12, own: true },
        ],
      },
      threads: [{ tid: 24, name: 'poller', frames: [{ function: 'epoll_wait', module: '/lib/libc.so.6' }] }],
      seen: { count: 37, first: '2026-11-20T00:00:00Z' },
      countedIn: CHECKOUT,
    },
  })
  const [first, last] = [new Date('2026-11-20T00:00:00Z'), new Date('2026-11-21T05:16:17Z')]
  for (const node of ['node-1', 'node-2', 'node-3', 'node-4'])
    await new CrashGroup(store, CHECKOUT).putCount(node, { crashes: 37, first, last, pods: 3, images: [] })
  await addCrash(store, {
    id: '9b1c77aa04f2',
    time: new Date('2026-11-21T04:40:00Z'),
    namespace: 'dev',
    pod: 'api-0',
    signal: 6,
    core,
    compression: 'zstd',
  })
}

const terminal = () => {
  const [stdout, stderr] = [new KeptOutput(true), new KeptOutput(true)]
  return { stdout: Object.assign(stdout, { columns: 120 }), stderr }
}

/** On a terminal, when all that was drawn over is gone. */
async function printed(line: string, folder: string, home: string): Promise<string> {
  const world = pretendedWorld({ openSource, ...terminal(), environment: { NO_COLOR: '1' } })
  const words = line.split(' ').map(word => (word === 'core' ? path.join(home, 'core') : word))
  await runProgram([...words, '--bucket', folder], world)
  const drawn = `${world.stderr.text}${world.stdout.text}`.split('\n').map(one => one.split('\x1b[K').at(-1))
  return drawn.join('\n').replaceAll(` --bucket ${folder}`, '').replaceAll(`${home}/`, '').trimEnd()
}
