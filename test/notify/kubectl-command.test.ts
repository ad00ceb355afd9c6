import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { crashFolder } from '../../crash/object-key.ts'
import type { ReportCore } from '../../crash/report.ts'
import { batchNote } from '../../notify/batch-note.ts'
import { CHANNELS } from '../../notify/channels/all.ts'
import { inWay } from '../../notify/download-way.ts'
import { fitting } from '../../notify/fitting.ts'
import { kubectlCommand } from '../../notify/kubectl-command.ts'
import { defaultMessage, type Message, messageFor } from '../../notify/message.ts'
import type { Notification } from '../../notify/notification.ts'
import { inputs } from '../inputs.ts'
import { hostile, hostileNotification, LINK, REPORT, sampleNotification } from './sample-notification.ts'

const FOLDER = 'corefiles/prod/web-0/app/20261121T042117Z-worker-3-4242-3f2a9c01d4e5'
const COMMAND = 'kubectl coredog debug 3f2a9c01d4e5 -n prod'

function notificationOf(core: ReportCore, overrides: Partial<Notification> = {}): Notification {
  return sampleNotification({ report: { ...REPORT, core: { ...REPORT.core, ...core } }, ...overrides })
}

const STORED = notificationOf({ key: `${FOLDER}/core.gz` }, { reportLink: LINK, executableLink: LINK })
const COMMANDED = inWay(STORED, { link: false, command: true })
const BOTH = inWay(STORED, { link: true, command: true })

it('kubectlCommand() leads to the crash by its key', () => {
  assert.equal(kubectlCommand(COMMANDED), COMMAND)
  assert.equal(kubectlCommand(STORED), null)
})

it('kubectlCommand() leads to the core that was kept, of crashes that were only counted', () => {
  const kept = { key: `${FOLDER}/core.zst`, url: 's3://…' }
  const report = { ...REPORT, id: 'ffffffffffff', core: { complete: false, kept } }
  const counted = sampleNotification({ outcome: 'suppressed', link: null, report, byCommand: true })
  assert.equal(kubectlCommand(counted), COMMAND)
  assert.deepEqual(defaultMessage(counted).commands, [COMMAND])
})

const others = [
  '_host/node-7/20261121T042117Z-sshd-4242-3f2a9c01d4e5/core.gz',
  '_unverified/node-7/20261121T042117Z-sshd-4242-3f2a9c01d4e5/core.gz',
  'corefiles/prod/web-0/app/core.gz',
  FOLDER.replace('prod', 'Prod;reboot'),
]
for (const key of others) {
  it(`kubectlCommand() has none for ${key}`, () => {
    assert.equal(kubectlCommand(notificationOf({ key }, { byCommand: true })), null)
  })
}

it('kubectlCommand() is safe in a shell whatever a key says', () => {
  const namespaced = hostile.map(namespace => {
    const occurrence = { time: new Date(0), comm: namespace, pid: 1, id: '3f2a9c01d4e5' }
    return crashFolder({ kind: 'pod', namespace, pod: namespace, container: namespace }, occurrence)
  })
  fc.assert(
    fc.property(fc.oneof(hostile, namespaced), key => {
      const command = kubectlCommand(notificationOf({ key: `${key}/core.gz` }, { byCommand: true }))
      assert.match(command ?? COMMAND, /^kubectl coredog debug [0-9a-f]{12} -n [a-z0-9-]{1,63}$/)
    }),
    inputs(200),
  )
})

it('defaultMessage() has the command alone where there are no links, and behind the other where there are', () => {
  assert.deepEqual(defaultMessage(COMMANDED).commands, [COMMAND])
  assert.deepEqual(defaultMessage(BOTH).commands, [...defaultMessage(STORED).commands, COMMAND])
  const mounted = { key: `${FOLDER}/core.gz`, url: `cfs:///mnt/${FOLDER}/core.gz` }
  const commands = defaultMessage(notificationOf(mounted, { link: null, byCommand: true })).commands
  assert.deepEqual([commands.length, commands[1]], [2, COMMAND])
})

for (const [kind, { render }] of Object.entries(CHANNELS)) {
  it(`${kind} has the command, and by command alone no link that carries a signature`, () => {
    const [alone, both] = [COMMANDED, BOTH].map(told => JSON.stringify(render(defaultMessage(told))))
    assert.ok(alone?.includes(COMMAND) && both?.includes(COMMAND))
    assert.deepEqual([alone?.includes('X-Amz'), both?.includes('X-Amz')], [false, true])
  })

  it(`${kind} keeps the command however long the rest is`, () => {
    fc.assert(
      fc.property(hostileNotification, told => {
        const report = { ...told.report, core: { ...told.report.core, key: `${FOLDER}/core.gz` } }
        const notification = inWay(
          { ...told, outcome: 'stored', report },
          { link: told.link !== null, command: true },
        )
        assert.ok(JSON.stringify(render(defaultMessage(notification))).includes(COMMAND))
      }),
      inputs(50),
    )
  })
}

it('fitting() keeps the command where there is no room for the link and what opens it', () => {
  const message = defaultMessage(BOTH)
  const render = ({ title, link, commands }: Message) => [title, link?.url ?? '', ...commands].join('\n')
  const body = fitting(message, render, text => text.length < 100)
  assert.equal(body, `SIGSEGV in prod/web (app)\n\n${COMMAND}`)
})

it('{corefile.command} is the command, and {corefile.url} no link by it', () => {
  const wording = { messageTemplate: '{corefile.command} {corefile.url}', messageLabels: {} }
  const shown = (told: Notification) =>
    messageFor(told, wording)
      .ownText?.map(({ text }) => text)
      .join('')
  assert.equal(shown(COMMANDED), `${COMMAND} s3://cores/prod/web-0/core.gz`)
  assert.equal(shown(BOTH), `${COMMAND} ${LINK}`)
  assert.equal(shown(STORED), `none ${LINK}`)
})

it('batchNote() shows the command in place of a link, and warns of no links then', () => {
  const note = batchNote([COMMANDED])
  assert.deepEqual(
    note.items?.map(({ place, links }) => [place, links]),
    [[COMMAND, []]],
  )
  assert.doesNotMatch(note.footnote ?? '', /link/)
  assert.match(batchNote([STORED]).footnote ?? '', /link/)
})
