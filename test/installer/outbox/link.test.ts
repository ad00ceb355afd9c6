import assert from 'node:assert/strict'
import { it } from 'node:test'
import { withFreshLink } from '../../../installer/outbox/link.ts'
import { LINK, lostNotification, REPORT, sampleNotification } from '../../notify/sample-notification.ts'
import { openLogLines } from '../log-lines.ts'

const core = { key: 'corefiles/prod/web-0/core.gz', url: 's3://cores/corefiles/prod/web-0/core.gz' }
const notification = sampleNotification({ report: { ...REPORT, core } })

function bucket(name: string, storeDir: string, link: () => Promise<string | null>) {
  const location = (key: string) => `s3://${name}/${storeDir === '' ? '' : `${storeDir}/`}${key}`
  return {
    traits: { links: true },
    location,
    link: (key: string) => link().then(made => made && `${made}/${key}`),
  }
}

async function refreshed(storeDir: string, store: ReturnType<typeof bucket>, from = notification) {
  const { log, lines } = openLogLines()
  const { link, reportLink } = await withFreshLink(from, { storeDir }, store, log)
  return { link, reportLink, lines }
}

it('withFreshLink() makes new links to the core, and to the report beside it', async () => {
  const { link, reportLink } = await refreshed(
    'corefiles',
    bucket('cores', 'corefiles', async () => 'https://new'),
  )
  assert.deepEqual(
    [link, reportLink],
    ['https://new/prod/web-0/core.gz', 'https://new/prod/web-0/report.json'],
  )
})

it('withFreshLink() makes them to the program that crashed, and to the symbols of its build', async () => {
  const binaries = [{ buildId: 'abcd', key: 'corefiles/_binaries/eu/prod/ab/cd' }]
  const symbols = [{ buildId: 'abcd', key: 'corefiles/_symbols/buildid/ab/debuginfo' }]
  const from = sampleNotification({ report: { ...REPORT, core, binaries, symbols } })
  const store = { ...bucket('cores', 'corefiles', async () => null), link: named }
  const made = await withFreshLink(from, { storeDir: 'corefiles' }, store, openLogLines().log)
  assert.deepEqual(
    [made.executableLink, made.symbolsLink],
    [
      'https://new/_binaries/eu/prod/ab/cd as program',
      'https://new/_symbols/buildid/ab/debuginfo as program.debug',
    ],
  )
})

async function named(key: string, savedAs = 'itself'): Promise<string> {
  return `https://new/${key} as ${savedAs}`
}

it('withFreshLink() makes one where the store has no folder', async () => {
  const { link } = await refreshed(
    '',
    bucket('cores', '', async () => 'https://new'),
  )
  assert.equal(link, 'https://new/corefiles/prod/web-0/core.gz')
})

it('withFreshLink() makes one to the core that was kept of crashes that were not', async () => {
  const counted = sampleNotification({
    outcome: 'suppressed',
    link: null,
    report: { ...REPORT, core: { complete: false, kept: core } },
  })
  const { link, reportLink } = await refreshed(
    'corefiles',
    bucket('cores', 'corefiles', async () => 'https://new'),
    counted,
  )
  assert.deepEqual([link, reportLink], ['https://new/prod/web-0/core.gz', undefined])
})

const noLink = () => Promise.reject(new Error('no credentials'))

it('withFreshLink() asks nothing of a store that has no links', async () => {
  const asked = () => assert.fail('it was asked')
  const store = { traits: { links: false }, location: asked, object: asked, link: asked }
  const { log } = openLogLines()
  assert.equal(await withFreshLink(notification, { storeDir: 'corefiles' }, store, log), notification)
})

it('withFreshLink() keeps the link of a core in another store than the one of now', async () => {
  assert.equal((await refreshed('corefiles', bucket('another', 'corefiles', noLink))).link, LINK)
  assert.equal((await refreshed('moved', bucket('cores', 'moved', noLink))).link, LINK)
  assert.equal(
    (await refreshed('corefiles', bucket('cores', 'corefiles', noLink), lostNotification())).link,
    null,
  )
})

it('withFreshLink() keeps the link where none can be made', async () => {
  const failed = await refreshed('corefiles', bucket('cores', 'corefiles', noLink))
  assert.deepEqual([failed.link, failed.lines[0]?.reason], [LINK, 'no credentials'])
  const none = await refreshed(
    'corefiles',
    bucket('cores', 'corefiles', async () => null),
  )
  assert.equal(none.link, LINK)
})
