import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { ENTRY } from '../fakes/index-entry.ts'
import { fakeCoredogApi } from './fake-coredog-api.ts'
import { RealTerminal } from './real-terminal.ts'
import { addCrash, emptyStore } from './stored-crash.ts'

const options = { skip: RealTerminal.isThere ? false : 'tmux is not installed: .ci/install' }

it('bash completes commands, options and ids in a real terminal', options, async () => {
  const { folder, store } = await emptyStore()
  await addCrash(store)
  using terminal = new RealTerminal()
  terminal.enter('source <(kubectl-coredog completion bash); echo re""ady')
  await terminal.shows(/^ready$/m)
  terminal.type('kubectl-coredog inf')
  terminal.press('Tab')
  await terminal.shows(/kubectl-coredog info $/m)
  terminal.type(`--bucket ${folder} 3f`)
  terminal.press('Tab')
  await terminal.shows(new RegExp(`${ENTRY.id} $`, 'm'))
  terminal.press('Enter')
  await terminal.shows(/^Next:$/m)
})

it('get shows its progress, Ctrl-C keeps what came, and the same command goes on', options, async () => {
  const core = gzipSync(randomBytes(4 << 20))
  let isHeld = true
  const holdsAfterBytes = () => (isHeld ? 2 << 20 : null)
  const entry = { ...ENTRY, storedBytes: core.length }
  const { kubeconfig, asked } = await fakeCoredogApi([{ entry, core }], { holdsAfterBytes })
  using terminal = new RealTerminal()
  terminal.enter(`export KUBECONFIG=${kubeconfig}; clear`)
  terminal.enter('kubectl-coredog get @latest -o core; echo "ended with $?"')
  await terminal.shows(/^█{12}░{12} (49|50)% of 4\.0MiB$/m)
  terminal.press('C-c')
  await terminal.shows(/^Interrupted\. 2\.0MiB of 4\.0MiB are kept: the same command goes on from there\.$/m)
  terminal.enter('echo "$?"; ls')
  await terminal.shows(/^130\n(?:.*\n)*core\.[0-9a-f]{16}\.part/m)
  isHeld = false
  terminal.enter('clear; kubectl-coredog get @latest -o core && ls')
  const screen = await terminal.shows(/^core: 4\.0MiB, sha256 ok$/m)
  assert.doesNotMatch(screen, /█/)
  await terminal.shows(/^core( |$)/m)
  assert.doesNotMatch(terminal.screen, /part/)
  assert.equal(asked.at(-1)?.headers.range, `bytes=${2 << 20}-`)
})

it('watch ends at Ctrl-C', options, async () => {
  const { kubeconfig } = await fakeCoredogApi([{ entry: ENTRY }])
  using terminal = new RealTerminal()
  terminal.enter(`kubectl-coredog watch --kubeconfig ${kubeconfig}`)
  await terminal.shows(new RegExp(`^2026-11-21T04:21:17Z {2}${ENTRY.id} {2}shop/checkout-.* {2}SIGSEGV`, 'm'))
  terminal.press('C-c')
  terminal.enter('echo "it was $?"')
  await terminal.shows(/^it was 130$/m)
})
