import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { parseConfig } from '../../config/parse-config.ts'
import { CHANNELS } from '../../notify/channels/all.ts'
import { linksOf } from '../../notify/links.ts'
import { messageFor } from '../../notify/message.ts'
import { inputs } from '../inputs.ts'
import { hostile, REPORT, sampleNotification } from './sample-notification.ts'

function templatesOf(...urls: string[]) {
  const links = urls.map((url, at) => ({ label: `link ${at}`, url }))
  return parseConfig(
    `StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\nnotify: {links: ${JSON.stringify(links)}}`,
  ).config.notice.links
}

function urlsOf(report: object, ...urls: string[]): string[] {
  const notification = sampleNotification({ report: { ...REPORT, ...report } })
  return linksOf(notification, templatesOf(...urls)).map(({ url }) => url)
}

it('linksOf() puts values and times into the links of the operator', () => {
  assert.deepEqual(
    urlsOf(
      {},
      'https://grafana.example/d/x?var-pod={pod.name}&from={time.ms-15m}&to={time.ms+15m}',
      'http://kibana:5601/app/discover#/?_g=(time:(from:%27{time-1h}%27))',
      'https://h/{image}?t={time.s}',
    ),
    [
      `https://grafana.example/d/x?var-pod=web-0&from=${Date.parse('2026-11-21T04:06:17Z')}&to=${Date.parse('2026-11-21T04:36:17Z')}`,
      'http://kibana:5601/app/discover#/?_g=%28time:%28from:%27' + '2026-11-21T03%3A21%3A17.000Z%27%29%29',
      `https://h/registry.example%2Fapp%3A1.4.2?t=${Date.parse('2026-11-21T04:21:17Z') / 1000}`,
    ],
  )
})

it('linksOf() leaves out a link of which a value was not seen', () => {
  assert.deepEqual(urlsOf({ pod: {} }, 'https://h/{pod.name}', 'https://h/{crash.id}'), [
    'https://h/3f2a9c01d4e5',
  ])
  assert.deepEqual(urlsOf({ time: undefined }, 'https://h/{time.ms}'), [])
  assert.deepEqual(urlsOf({ core: undefined }, 'https://h/{corefile.url}'), [])
})

it('linksOf() leaves out a link that would be too long, or lead up', () => {
  assert.deepEqual(urlsOf({ pod: { name: '崩'.repeat(300) } }, 'https://h/{pod.name}'), [])
  assert.deepEqual(urlsOf({ pod: { name: '..' } }, 'https://h/logout/{pod.name}'), [])
})

it('linksOf() keeps a hostile value one value of a link', () => {
  fc.assert(
    fc.property(hostile, hostile, (name, image) => {
      const urls = urlsOf(
        { pod: { name }, container: { image } },
        'https://h.example/p/{pod.name}?q={image}#f',
      )
      for (const url of urls) {
        assert.match(url, /^[\x21-\x7e]+$/)
        assert.doesNotMatch(url, /[<>[\]()`'"*\\|{}]/)
        const { origin, pathname, searchParams, hash } = new URL(url)
        assert.deepEqual([origin, hash, [...searchParams.keys()]], ['https://h.example', '#f', ['q']])
        assert.equal(decodeURIComponent(pathname), `/p/${name.toWellFormed()}`)
        assert.equal(searchParams.get('q'), image.toWellFormed())
      }
    }),
    inputs(200),
  )
})

function messageWith(...urls: string[]) {
  const links = templatesOf(...urls) ?? []
  return messageFor(sampleNotification(), { messageTemplate: null, messageLabels: {}, links })
}

for (const channel of Object.values(CHANNELS)) {
  it(`${channel.kind} shows the links of the operator, and loses them before the command`, () => {
    for (const render of [channel.render, channel.renderPlain]) {
      const short = JSON.stringify(render(messageWith('https://h.example/{crash.id}')))
      assert.match(short, /link 0/)
      assert.match(short, /https:\/\/h\.example\/3f2a9c01d4e5/)
      assert.match(short, /link 0.*gunzip core\.gz/s)
    }
    const long = `https://h.example/${'x'.repeat(900)}{corefile.path}{corefile.path}`
    const full = JSON.stringify(channel.render(messageWith(long, long, long, long, long)))
    assert.match(
      full,
      /SIGSEGV[\s\S]*Download the core[\s\S]*gunzip core\.gz|gunzip core\.gz[\s\S]*Download the core/,
    )
    assert.equal(full.includes('link 4'), ['feishu', 'teams', 'telegram'].includes(channel.kind))
  })
}
