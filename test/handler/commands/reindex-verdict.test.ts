import assert from 'node:assert/strict'
import { it } from 'node:test'
import { NONE_LOOKED_AT } from '../../../crash-index/reindexed.ts'
import { sentence, verdict } from '../../../handler/commands/reindex-verdict.ts'

const FOREIGN = { ...NONE_LOOKED_AT, looked: 3, foreign: 3, clusters: ['prod', 'eu-1'] }
const OURS = { cluster: 'prod', isWhole: true }

it('what all is there is said in one line, and nothing more', () => {
  const all = { ...NONE_LOOKED_AT, looked: 2, added: 1, known: 1 }
  assert.equal(sentence(all), '2 crashes: 1 put into the index, 1 were there')
  assert.deepEqual(verdict(all, OURS), { lines: [], exitCode: 0 })
})

it('where no cluster is known and reports name one, it says which options would take them', () => {
  const { lines, exitCode } = verdict(FOREIGN, { cluster: '', isWhole: true })
  assert.equal(exitCode, 1)
  assert.match(lines.join('\n'), /No cluster is known here, and of 3 crashes/)
  assert.deepEqual(lines.slice(-2), ['  --cluster=prod', '  --cluster=eu-1'])
})

it('crashes of others are no failure where the cluster is known, and are named', () => {
  const { lines, exitCode } = verdict(FOREIGN, { cluster: 'test', isWhole: true })
  assert.deepEqual([lines, exitCode], [['Reports, or the index, name "prod", "eu-1".'], 0])
})

it('a name that a shell would take for more than a name is not to be copied', () => {
  const clusters = ['$(reboot)', 'a\u001b[2J', '-x']
  const { lines } = verdict({ ...FOREIGN, clusters }, { cluster: '', isWhole: true })
  const text = lines.join('\n')
  assert.ok(!text.includes('--cluster=') && !text.includes('\u001b'), text)
})

it('reports that cannot be read are a failure, and are named', () => {
  const unread = { ...NONE_LOOKED_AT, looked: 1, unread: 1, unreadFolders: ['shop/web/app/x'] }
  const { lines, exitCode } = verdict(unread, OURS)
  assert.equal(exitCode, 1)
  assert.equal(lines.at(-1), '  shop/web/app/x/report.json')
})

it('one that was ended says so, whatever it found', () => {
  const { lines, exitCode } = verdict(FOREIGN, { cluster: '', isWhole: false })
  assert.equal(exitCode, 130)
  assert.match(lines.at(-1) ?? '', /goes on/)
})
