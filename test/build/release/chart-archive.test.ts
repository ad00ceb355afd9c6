import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { unpackTar } from 'modern-tar'
import { packChart } from '../../../build/release/chart-archive.ts'
import { FILE_NAMES } from '../../../build/release/release.ts'
import { runTool } from '../../../build/release/tool.ts'
import { VERSION } from '../../../crash/version.ts'
import { missingProgram } from './missing-program.ts'

const CHART = path.resolve(import.meta.dirname, '../../../deploy/chart')
const NAME = FILE_NAMES.chart(VERSION)
const WHEN = new Date('2026-11-28T12:00:00Z')
const lacks = missingProgram('helm')

it('is the same, byte for byte, whenever it is packed, and what Helm renders of it, too', {
  skip: lacks !== null && 'there is no helm here',
}, async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-chart-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const copy = path.join(folder, 'copy')
  cpSync(CHART, copy, { recursive: true })
  for (const file of readdirSync(copy)) utimesSync(path.join(copy, file), 1, 1)
  const [one, other] = [path.join(folder, 'one', NAME), path.join(folder, 'other', NAME)]
  for (const file of [one, other]) mkdirSync(path.dirname(file))
  await packChart(CHART, one, WHEN)
  await packChart(copy, other, WHEN)
  assert.ok(readFileSync(one).equals(readFileSync(other)))
  assert.deepEqual(readdirSync(path.dirname(one)), [NAME])
  // What differs only a second later.
  for (const { header } of await unpackTar(gunzipSync(readFileSync(one))))
    assert.deepEqual(header.mtime, WHEN, header.name)
  assert.equal(await render(one), await render(CHART))
})

async function render(chart: string): Promise<string> {
  return await runTool('helm', ['template', chart, '--kube-version=1.34.0'])
}
