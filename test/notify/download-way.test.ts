import assert from 'node:assert/strict'
import { it } from 'node:test'
import { downloadWay, inWay } from '../../notify/download-way.ts'
import { LINK, sampleNotification } from './sample-notification.ts'

const cases = [
  { asked: undefined, hasApi: false, way: { link: true, command: false } },
  { asked: undefined, hasApi: true, way: { link: false, command: true } },
  { asked: 'presigned', hasApi: false, way: { link: true, command: false } },
  { asked: 'presigned', hasApi: true, way: { link: true, command: true } },
  { asked: 'command', hasApi: false, way: { link: false, command: true } },
  { asked: 'none', hasApi: true, way: { link: false, command: false } },
] as const
for (const { asked, hasApi, way } of cases) {
  it(`downloadWay() of ${asked ?? 'auto'} ${hasApi ? 'with' : 'without'} coredog-api`, () => {
    assert.deepEqual(downloadWay(asked, hasApi), way)
  })
}

it('inWay() takes away what an older handler, or another way, has put there', () => {
  const { link: _, ...rest } = sampleNotification()
  const links = { reportLink: LINK, executableLink: LINK, symbolsLink: LINK }
  const told = { ...rest, link: LINK, ...links, byCommand: true } as const
  assert.deepEqual(inWay(told, { link: false, command: false }), { ...rest, link: null })
  assert.deepEqual(inWay(told, { link: true, command: false }), { ...rest, link: LINK, ...links })
})
