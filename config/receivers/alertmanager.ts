import { duration, labels, section, texts } from '../declaration.ts'
import type { Findings } from '../findings.ts'
import { HTTP_KEYS, httpReceiver, type Receiver, receiverKind } from './receiver.ts'

/** One Alertmanager of a cluster of them: each is told all, for they tell each other of no alerts. */
export interface AlertmanagerReceiver extends Receiver<'alertmanager'> {
  /** Of the operator, on each alert. */
  readonly labels: Readonly<Record<string, string>>
  /** An alert ends so long after the last crash of its kind. */
  readonly resolveAfterSeconds: number
}

const PATH = '/api/v2/alerts'

/** Alerts are renewed once a minute: one that ended before would come and go. */
const SHORTEST_SECONDS = 180

/** These say which alert it is. */
export const OUR_LABELS = [
  'cluster',
  'namespace',
  'workload',
  'container',
  'signal',
  'group',
  'node',
] as const

export const alertmanager = receiverKind({
  keys: section({
    urls: texts(
      'http or https addresses, without /api/v2',
      () => true,
      [],
      'Each Alertmanager of the cluster of them: all are told',
    ),
    labels: labels('More labels of each alert, such as `severity: page`'),
    resolveAfter: duration('15m', 'An alert ends so long after the last crash of its kind; at least 3m'),
    ...HTTP_KEYS,
  }),
  read: ({ urls, labels, resolveAfter, ...http }, path, findings): readonly AlertmanagerReceiver[] => {
    checkLabels(labels, `${path}.labels`, findings)
    if (resolveAfter < SHORTEST_SECONDS)
      findings.wrong(
        `${path}.resolveAfter`,
        'is shorter than 3m: an alert is renewed each minute',
        'Write at least 3m; how long a group waits is a matter of group_wait and group_interval there.',
      )
    const isAsked = Object.keys(labels).length > 0 || http.certFile !== ''
    if (urls.length === 0 && isAsked) findings.warn(`${path}.urls`, 'is not set: no Alertmanager is told')
    if (urls.some(url => url.includes('#')))
      findings.wrong(
        `${path}.urls`,
        'is a value that is not shown, with a #, behind which nothing is sent',
        'Leave out what its page adds to the address in a browser: http://alertmanager:9093',
      )
    return urls.map(url => {
      const told = { ...http, url: withPath(url) }
      const receiver = httpReceiver('alertmanager', told, path, findings, 'urls')
      return { ...receiver, labels, resolveAfterSeconds: resolveAfter }
    })
  },
})

/** A prefix by which it is served stays, and so does what a gateway asks for behind a `?`. */
function withPath(url: string): string {
  const at = url.includes('?') ? url.indexOf('?') : url.length
  const base = url
    .slice(0, at)
    .replace(/\/{1,9}$/, '')
    .replace(/\/api\/v2(?:\/alerts)?$/, '')
  return base === '' ? base : `${base}${PATH}${url.slice(at)}`
}

function checkLabels(labels: Readonly<Record<string, string>>, path: string, findings: Findings): void {
  for (const name of Object.keys(labels)) {
    const isOurs = OUR_LABELS.some(ours => ours === name)
    if (/^[A-Za-z_]\w{0,99}$/.test(name) && !isOurs) continue
    findings.wrong(
      path,
      isOurs ? `has ${name}, which CoreDog sets itself` : 'has a name that is none of a label',
      'A name has letters, digits and _, and begins with none of the digits.',
    )
  }
}
