import assert from 'node:assert/strict'
import { existsSync, mkdirSync, utimesSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { parseConfig } from '../../../config/parse-config.ts'
import { Host } from '../../../handoff/host.ts'
import { tidy } from '../../../installer/tidy/tidy.ts'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { openLogLines } from '../log-lines.ts'

it('tidy() looks after the node every hour', async t => {
  const root = temporaryFolder(t)
  const spool = path.join(root, 'var/lib/coredog/spool')
  const leave = (name: string) => {
    mkdirSync(path.join(spool, name), { recursive: true })
    utimesSync(path.join(spool, name), 0, 0)
  }
  leave('00000000000a')
  const { log, lines } = openLogLines()
  const { config } = parseConfig('StorageConfig: {protocol: cfs, CFSMountPath: /mnt}')
  const abort = new AbortController()
  const waits: number[] = []
  const pause = async (seconds: number) => {
    waits.push(seconds)
    leave('00000000000b')
    if (waits.length === 2) abort.abort()
  }
  await tidy({ config, host: new Host(root), log, pause }, abort.signal)
  assert.deepEqual(waits, [3600, 3600])
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['remains of a spooled crash removed', 'remains of a spooled crash removed'],
  )
  assert.equal(existsSync(path.join(spool, '00000000000a')), false)
})
