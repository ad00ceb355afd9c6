import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Observed } from '../../handler/identity/observe.ts'
import { scrubFor } from '../../handler/scrub-for.ts'
import { Secrets } from '../../handler/secrets.ts'

const identity = { kind: 'container', podUid: 'uid-1', containerId: 'c', pod: null, container: null } as const
const ENVIRONMENT = 'DB_PASSWORD=from-environment\0'

type Mounted = (podUid: string) => Promise<readonly Buffer[]>

/** What becomes of `text`, where the pod has those Secrets. */
async function scrubbed(text: string, mountedSecrets: Mounted, observed: Partial<Observed> = {}) {
  const crash = {
    observed: { cgroup: null, environment: ENVIRONMENT, ...observed },
    identity,
    core: { head: null },
  }
  const collect = { scrub: 'all' } as Parameters<typeof scrubFor>[2]['collect']
  const opened = await scrubFor(crash, new Secrets(crash, { mountedSecrets }), { collect })
  assert.ok(opened !== null)
  const { scrub, doubt } = opened
  const bytes = Buffer.from(text)
  return {
    text: String(scrub === null ? bytes : Buffer.concat([...scrub.take(bytes), ...scrub.end()])),
    doubt,
  }
}

it('scrubFor() blanks what the environment and the Secrets of a pod have', async () => {
  const mounted = async () => [Buffer.from('mounted-value\n')]
  assert.deepEqual(await scrubbed('from-environment, mounted-value', mounted), {
    text: `${'*'.repeat(16)}, ${'*'.repeat(13)}`,
    doubt: null,
  })
})

it('scrubFor() says where Secrets were not found in time, and goes without', async () => {
  const crash = { observed: { cgroup: null }, core: { head: null } }
  const collect = { scrub: 'all' } as Parameters<typeof scrubFor>[2]['collect']
  const asked: number[] = []
  const inMemory: Secrets['inMemory'] = async (_, seconds) => {
    asked.push(seconds)
    return { patterns: [], isCut: false, isLate: true }
  }
  const { scrub, doubt } = (await scrubFor(crash, { inMemory }, { collect })) ?? assert.fail()
  assert.deepEqual([scrub, doubt], [null, 'the Secrets of its pod could not be read within 1 s'])
  const file = { corefilePath: '/corefile/core', fileBytes: 1 }
  await scrubFor({ ...crash, file }, { inMemory }, { collect })
  assert.deepEqual(asked, [1, 2])
})

it('scrubFor() says where it is not certain whose memory it is, or where there are too many secrets', async () => {
  const unverified = { unverified: 'it was replayed', environment: '' }
  assert.match((await scrubbed('', async () => [], unverified)).doubt ?? '', /not certain/)
  const many = Array.from({ length: 600 }, (_, index) => Buffer.from(`secret number ${index}`))
  assert.match((await scrubbed('', async () => many)).doubt ?? '', /more secrets/)
})

it('scrubFor() asks for nothing where nothing is wanted', () => {
  const crash = { observed: { cgroup: null }, core: { head: null } }
  const collect = { scrub: 'off' } as Parameters<typeof scrubFor>[2]['collect']
  assert.equal(scrubFor(crash, { inMemory: () => assert.fail('it is asked') }, { collect }), null)
})
