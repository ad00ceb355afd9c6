import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { expandTemplate } from '../../notify/template.ts'
import { inputs } from '../inputs.ts'
import { hostile, LINK, lostNotification, REPORT, sampleNotification } from './sample-notification.ts'

function expanded(
  template: string,
  labels: Record<string, string> = {},
  notification = sampleNotification(),
): string {
  return expandTemplate(template, labels, notification)
    .map(({ text }) => text)
    .join('')
}

const variables = {
  'pod.name': 'web-0',
  'pod.namespace': 'prod',
  'pod.uid': '0f8fad5b-d9cb-469f-a165-70867728950e',
  'pod.node': 'node-7',
  'host.ip': '10.0.1.7',
  'corefile.path': '/corefile/prod/web-0/app/core.server.7.web-0.1700000000',
  'corefile.filename': 'core.server.7.web-0.1700000000',
  'corefile.url': LINK,
  'corefile.size': '1.2 GiB → 84 MiB',
  'corefile.command': 'none',
  'container.name': 'app',
  image: 'registry.example/app:1.4.2',
  workload: 'StatefulSet/web',
  signal: 'SIGSEGV',
  executable: '/app/server',
  time: '2026-11-21T04:21:17Z',
  'crash.id': '3f2a9c01d4e5',
  outcome: 'stored',
}
for (const [name, value] of Object.entries(variables)) {
  it(`expandTemplate() replaces {${name}}`, () => assert.equal(expanded(`a {${name}} b`), `a ${value} b`))
}

it('expandTemplate() writes the original chart’s default message', () => {
  const template = '[{pod.namespace}/{pod.name}] core: {corefile.filename} on {pod.node} -> {corefile.url}'
  assert.equal(expanded(template), `[prod/web-0] core: core.server.7.web-0.1700000000 on node-7 -> ${LINK}`)
})

it('expandTemplate() leaves what it does not know as it stands', () => {
  const template = '{} {pod} {pod.name {{x}} { "json": {constructor} } {__proto__}'
  assert.equal(expanded(template), template)
})

it('expandTemplate() falls back to what else tells the pod and the node', () => {
  const report = { ...REPORT, pod: { uid: '0f8fad5b-d9cb' }, node: { ip: '10.0.1.7' } }
  assert.equal(expanded('{pod.name} {pod.node}', {}, sampleNotification({ report })), 'pod-0f8fad5b 10.0.1.7')
  assert.equal(
    expanded('{pod.name} {pod.node} {corefile.url}', {}, lostNotification()),
    'unknown unknown none',
  )
})

it('expandTemplate() shows where the core is when there is no link', () => {
  assert.equal(expanded('{corefile.url}', {}, sampleNotification({ link: null })), REPORT.core?.url)
})

it('expandTemplate() lets a label shadow a variable, and hold one', () => {
  assert.equal(expanded('{team}: {pod.name}', { team: 'blue', 'pod.name': 'x' }), 'blue: x')
  assert.equal(expanded('{who}', { who: '{pod.namespace}/{pod.name}' }), 'prod/web-0')
})

it('expandTemplate() tells the operator’s text from values and links', () => {
  assert.deepEqual(
    expandTemplate('**{team}** {pod.name} {corefile.url}', { team: '<b>' }, sampleNotification()),
    [
      { kind: 'markup', text: '**<b>** ' },
      { kind: 'value', text: 'web-0' },
      { kind: 'markup', text: ' ' },
      { kind: 'url', text: LINK },
    ],
  )
})

it('expandTemplate() never expands a value', () => {
  const pod = { name: '{corefile.url}', namespace: '{team}' }
  const notification = sampleNotification({ report: { ...REPORT, pod }, corefilePath: '/corefile/{pod.uid}' })
  const template = '{pod.name} {pod.namespace} {corefile.path}'
  assert.equal(
    expanded(template, { team: 'blue' }, notification),
    '{corefile.url} {team} /corefile/{pod.uid}',
  )
})

it('expandTemplate() lets no value become markup', () => {
  fc.assert(
    fc.property(hostile, name => {
      const notification = sampleNotification({ report: { ...REPORT, pod: { name } }, corefilePath: name })
      const spans = expandTemplate('a{pod.name}b{corefile.path}c', { x: 'y' }, notification)
      assert.equal(
        spans
          .filter(({ kind }) => kind === 'markup')
          .map(({ text }) => text)
          .join(),
        'a,b,c',
      )
    }),
    inputs(60),
  )
})
