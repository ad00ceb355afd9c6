import assert from 'node:assert/strict'
import { it } from 'node:test'
import { runProgram } from '../../../cli/program.ts'
import { openSource } from '../../../cli/source/open-source.ts'
import { pretendedWorld } from '../pretended-world.ts'
import { addCrash, emptyStore } from '../stored-crash.ts'

async function completed(
  ...words: readonly string[]
): Promise<{ values: string[]; directive: string; text: string }> {
  const world = pretendedWorld({ openSource })
  assert.equal(await runProgram(['__complete', ...words], world), 0)
  const lines = world.stdout.text.trimEnd().split('\n')
  const directive = lines.pop() ?? ''
  return { values: lines.map(line => line.split('\t')[0] ?? ''), directive, text: world.stdout.text }
}

it('completes commands, with what they do', async () => {
  const { text } = await completed('wat')
  assert.equal(text, 'watch\ttell of each crash when it is stored, until Ctrl-C\n:4\n')
  assert.deepEqual((await completed('-n', 'shop', 'inf')).values, ['info'])
  assert.ok((await completed('')).values.includes('debug'))
})

it('completes options of the command and of all, values of a list, and files', async () => {
  assert.deepEqual((await completed('list', '--li')).values, ['--limit'])
  assert.deepEqual((await completed('list', '--name')).values, ['--namespace'])
  assert.deepEqual((await completed('list', '-o', '')).values, ['json', 'yaml', 'name', 'wide'])
  assert.deepEqual(await completed('list', '--limit', ''), { values: [], directive: ':4', text: ':4\n' })
  assert.equal((await completed('get', 'abc', '-o', '')).directive, ':0')
  assert.deepEqual((await completed('completion', 'z')).values, ['zsh'])
})

it('completes ids and pods of the store that the words name', async () => {
  const { folder, store } = await emptyStore()
  await addCrash(store, { id: 'abc000000001', pod: 'web-0' })
  await addCrash(store, {
    id: 'abd000000002',
    pod: 'web-1',
    namespace: 'dev',
    time: new Date('2026-11-21T05:21:00Z'),
  })
  const bucket = ['--bucket', folder]
  assert.deepEqual((await completed('info', ...bucket, '')).values, ['abd000000002', 'abc000000001'])
  assert.deepEqual((await completed(...bucket, 'info', 'abc')).values, ['abc000000001'])
  assert.deepEqual((await completed('get', '-n', 'dev', ...bucket, '')).values, ['abd000000002'])
  assert.deepEqual((await completed('debug', ...bucket, 'pod/')).values, ['pod/web-1', 'pod/web-0'])
  const { text } = await completed('info', ...bucket, 'abd')
  assert.equal(text, 'abd000000002\tdev/web-1 SIGSEGV 17s ago\n:4\n')
})

it('completes nothing, and says nothing, where no crashes can be had', async () => {
  assert.equal((await completed('info', '')).text, ':4\n')
  assert.equal((await completed('info', '--bucket', '/no/such/folder', '')).text, ':4\n')
  assert.equal((await completed('--request-timeout', 'x', 'info', '')).text, ':4\n')
  assert.equal((await completed()).directive, ':4')
})
