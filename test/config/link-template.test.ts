import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseConfig } from '../../config/parse-config.ts'
import { TEMPLATE_VARIABLES } from '../../config/template-variables.ts'
import { OperatorError } from '../../crash/errors.ts'

function linksIn(links: unknown) {
  const { config, warnings } = parseConfig(
    `StorageConfig: {protocol: cfs, CFSMountPath: /mnt}\nnotify: {links: ${JSON.stringify(links)}}`,
  )
  assert.deepEqual(warnings, [])
  return config.notice.links
}

it('parseConfig() reads links in parts', () => {
  const url = 'https://grafana/d/x?var-pod={pod.name}&from={time.ms-15m}&to={time.ms+1h30m}&at={time}'
  assert.deepEqual(linksIn([{ label: 'Grafana', url }]), [
    {
      label: 'Grafana',
      parts: [
        'https://grafana/d/x?var-pod=',
        { name: 'pod.name' },
        '&from=',
        { name: 'time.ms', shiftSeconds: -900 },
        '&to=',
        { name: 'time.ms', shiftSeconds: 5400 },
        '&at=',
        { name: 'time', shiftSeconds: 0 },
      ],
    },
  ])
})

it('parseConfig() knows each variable of a template in a link, too', () => {
  for (const name of TEMPLATE_VARIABLES)
    assert.equal(linksIn([{ label: '日志 1', url: `http://logs:5601/{${name}}` }])?.length, 1, name)
})

it('parseConfig() has no links by default', () => {
  assert.equal(linksIn([]), undefined)
})

const REFUSED: readonly (readonly [url: string, said: RegExp])[] = [
  ['', /notify\.links\[0\]\.url is not set/],
  ['https://h/{pod.nam}', /url holds \{pod\.nam\}; known are pod\.name, pod\.namespace, .*time\.ms-15m\}/],
  ['https://h/{constructor}', /holds \{constructor\}/],
  ['https://h/{}', /holds \{\}/],
  ['https://h/{time.ms-1fortnight}', /holds \{time\.ms-1fortnight\}/],
  ['https://h/{pod.name-15m}', /holds \{pod\.name-15m\}/],
  ['https://h/?left={"a":1}', /holds \{"a":1\}/],
  ['https://h/{pod.name', /has a brace without its other one/],
  ['https://h/{pod.name}}', /has a brace without its other one/],
  ['javascript:alert({pod.name})', /begins with http:\/\/ or https:\/\/$/],
  ['ftp://h/', /begins with http/],
  ['//h/', /begins with http/],
  ['{pod.name}://h/', /begins with http/],
  ['https://{pod.name}.example/', /has a value in the name of the host/],
  ['https://h{pod.name}', /has a value in the name of the host/],
  ['https://me:secret@h/', /has a password or a name in it/],
  ['https://a b/', /has no host that could be asked/],
  [`https://h/${'x'.repeat(1000)}`, /has 1010 characters; at most 1000/],
]

for (const [url, said] of REFUSED) {
  it(`parseConfig() refuses the link ${JSON.stringify(url.slice(0, 40))}`, () => {
    assert.throws(
      () => linksIn([{ label: 'x', url }]),
      thrown => thrown instanceof OperatorError && said.test(thrown.message.replace(/ \(and .*/, '')),
    )
  })
}

for (const label of ['', '[x](y)', '<b>', 'a|b', 'x'.repeat(41), '*bold*', 'a\nb']) {
  it(`parseConfig() refuses the label ${JSON.stringify(label.slice(0, 10))}`, () => {
    assert.throws(() => linksIn([{ label, url: 'https://h/' }]), /notify\.links\[0\]\.label is/)
  })
}

it('parseConfig() takes five links', () => {
  const links = Array.from({ length: 6 }, () => ({ label: 'x', url: 'https://h/' }))
  assert.equal(linksIn(links.slice(1))?.length, 5)
  assert.throws(() => linksIn(links), /notify\.links has 6; at most 5/)
})
