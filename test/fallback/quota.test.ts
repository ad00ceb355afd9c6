import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it, type TestContext } from 'node:test'
import type { CoreFile } from '../../fallback/core-file.ts'
import { Quota } from '../../fallback/quota.ts'
import { Usage } from '../../fallback/usage.ts'
import { type FillingPod, readFillingPods } from '../../handoff/filling-pods.ts'
import { openLogLines } from '../installer/log-lines.ts'

const KIB = 1024
const MAX = 1000 * KIB

function core(pod: string, kibibytes: number, age = 0): CoreFile {
  const bytes = kibibytes * KIB
  const [dev, ino] = [1n, 1n]
  const stat = { dev, ino, size: BigInt(bytes), blocks: BigInt(bytes / 512), mtimeNs: BigInt(1000 - age) }
  return { owner: { namespace: 'shop', pod }, segments: ['shop', pod, 'app', `core.${age}`], stat }
}

/** A quota, and what becomes of files and of what people read. */
function aQuota(test: TestContext, maxPodBytes = MAX) {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-quota-'))
  test.after(() => rmSync(folder, { recursive: true }))
  const [events, removed]: [string[], string[]] = [[], []]
  const quota = new Quota({
    maxPodBytes,
    fillingFile: path.join(folder, 'filling-pods.json'),
    recorder: { recordNodeEvent: (reason, note) => void events.push(`${reason}: ${note}`) },
    log: openLogLines().log,
  })
  const keep = async (...files: readonly (readonly [CoreFile, 'stored' | 'not stored'])[]) => {
    const usage = new Usage()
    for (const [file, state] of files) usage.add(file, state === 'stored')
    await quota.keep(usage, async ({ segments }) => void removed.push(segments.join('/')), 0)
    return readFillingPods(folder)
  }
  return { keep, events, removed, folder }
}

function inKib(pods: readonly FillingPod[]): string[] {
  return pods.map(
    ({ pod, usedBytes, unstoredBytes }) => `${pod} ${usedBytes / KIB}, not stored ${unstoredBytes / KIB}`,
  )
}

it('Quota shows pods from 90 % of it on, the fullest first, and tells of none that is within it', async t => {
  const { keep, events, removed } = aQuota(t)
  const shown = await keep(
    [core('some', 899.5), 'not stored'],
    [core('nearly', 500, 2), 'stored'],
    [core('nearly', 400, 1), 'not stored'],
    [core('full', 1000), 'stored'],
  )
  assert.deepEqual(inKib(shown), ['shop/full 1000, not stored 0', 'shop/nearly 900, not stored 400'])
  assert.deepEqual([events, removed], [[], []])
})

it('Quota shows a pod as it is once the oldest stored files are gone, and no more when it has room', async t => {
  const { keep, events, removed } = aQuota(t)
  const files = [3, 2, 1].map(age => [core('cart', 480, age), 'stored'] as const)
  assert.deepEqual(inKib(await keep(...files)), ['shop/cart 960, not stored 0'])
  assert.deepEqual(removed, ['shop/cart/app/core.3'])
  assert.deepEqual(await keep([core('cart', 1100, 4), 'stored'], [core('cart', 480), 'stored']), [])
  assert.deepEqual(events, [])
})

it('Quota tells of a pod that has more, in the words of the quota of a namespace', async t => {
  const { keep, events, removed } = aQuota(t)
  assert.deepEqual(inKib(await keep([core('cart', 1075), 'not stored'])), ['shop/cart 1075, not stored 1075'])
  assert.equal(
    events[0]?.slice(0, 117),
    'CoreFileQuotaExceeded: Core files of pod shop/cart take 1.0 MiB of 1000 KiB on the node: its quota is 107 % used. The',
  )
  assert.deepEqual(removed, [])
})

it('Quota shows nothing where there is no limit, also of before', async t => {
  const { keep, folder } = aQuota(t, 0)
  assert.deepEqual(await keep([core('cart', 5000), 'not stored']), [])
  assert.equal(readFileSync(path.join(folder, 'filling-pods.json'), 'utf8'), '{"version":1,"pods":[]}\n')
})

it('Quota goes on where it cannot be shown', async t => {
  const { keep, events, folder } = aQuota(t)
  rmSync(folder, { recursive: true })
  writeFileSync(folder, '')
  await keep([core('cart', 1100), 'not stored'])
  assert.equal(events.length, 1)
})
