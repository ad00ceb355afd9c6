import { TEMPLATE_VARIABLES, type TemplateVariable } from '../config/template-variables.ts'
import { LONGEST_VALUE, plain } from '../untrusted/plain-text.ts'
import { hasCore, signalOf, sizeOf } from './facts.ts'
import { kubectlCommand } from './kubectl-command.ts'
import type { Notification } from './notification.ts'
import { webLink } from './web-link.ts'

/**
 * A piece of an expanded template. `markup` is the operator's own text, and goes to the chat as it is: it may
 * be bold, hold a link, or mention people. `value` came from outside: a channel escapes it. `url` was made by
 * {@link webLink}, so that it may stand in the operator's own `[…](…)`, and is never cut.
 */
export interface Span {
  readonly kind: 'markup' | 'value' | 'url'
  readonly text: string
}

type Variable = (notification: Notification) => string | undefined

// The first eight are the original CoreDog's. `{pod.node}` was the node's name, and then its ip
// (status.hostIP): so it is for a core from a file, whose readers have had it so. Else it is the name,
// because people know nodes by name.
const VARIABLES: Readonly<Record<TemplateVariable, Variable>> = {
  'pod.name': ({ report }) => report.pod?.name ?? (report.pod?.uid && `pod-${report.pod.uid.slice(0, 8)}`),
  'pod.namespace': ({ report }) => report.pod?.namespace,
  'pod.uid': ({ report }) => report.pod?.uid,
  'pod.node': ({ report: { node }, fromFile }) =>
    fromFile === true ? (node?.ip ?? node?.name) : (node?.name ?? node?.ip),
  'host.ip': ({ report }) => report.node?.ip,
  'corefile.path': ({ corefilePath }) => corefilePath,
  'corefile.filename': ({ corefilePath }) => corefilePath.slice(corefilePath.lastIndexOf('/') + 1),
  'corefile.url': ({ report }) => report.core?.url,
  'corefile.size': ({ report }) => report.core && sizeOf(report.core),
  'corefile.command': notification => kubectlCommand(notification) ?? undefined,
  'container.name': ({ report }) => report.container?.name,
  image: ({ report }) => report.container?.image ?? report.container?.imageId,
  workload: ({ report }) => report.pod?.workload && `${report.pod.workload.kind}/${report.pod.workload.name}`,
  signal: ({ report }) => signalOf(report),
  executable: ({ report }) => report.process?.executable ?? report.process?.comm,
  time: ({ report }) => report.time,
  'crash.id': ({ report }) => report.id,
  'crash.group': ({ report }) => report.crash?.group,
  outcome: ({ outcome }) => outcome,
}

/**
 * The operator's `messageTemplate`, with its variables replaced.
 *
 * Of the original CoreDog: `{pod.name}` `{pod.namespace}` `{pod.uid}` `{pod.node}` `{host.ip}`
 * `{corefile.path}` `{corefile.filename}` `{corefile.url}`, and `{key}` for every key of `messageLabels`.
 * New: `{corefile.size}` `{corefile.command}` `{container.name}` `{image}` `{workload}` `{signal}` `{executable}` `{time}`
 * `{crash.id}` `{crash.group}` `{outcome}`.
 *
 * Labels come first, so a label may shadow a variable or hold one. A value is never expanded again: a pod or
 * a program that is called `{corefile.url}` stays so. What we do not know is left as it stands; what was not
 * seen reads `unknown`.
 */
export function expandTemplate(
  template: string,
  labels: Readonly<Record<string, string>>,
  notification: Notification,
): readonly Span[] {
  const text = template.replace(/\{([^{}]+)\}/g, (whole, key: string) =>
    Object.hasOwn(labels, key) ? (labels[key] ?? '') : whole,
  )
  // Splitting at one group puts the names at the odd places.
  return text
    .split(/\{([^{}]+)\}/)
    .map((part, place) => (place % 2 === 0 ? markup(part) : spanOf(part, notification)))
    .filter(span => span.text !== '')
}

function spanOf(name: string, notification: Notification): Span {
  const link = name === 'corefile.url' && hasCore(notification.outcome) ? webLink(notification.link) : null
  if (link !== null) return { kind: 'url', text: link }
  const known = TEMPLATE_VARIABLES.find(variable => variable === name)
  if (known === undefined) return markup(`{${name}}`)
  const missing = NONE.has(known) ? 'none' : 'unknown'
  return { kind: 'value', text: plain(variableOf(known, notification) ?? missing, 2 * LONGEST_VALUE) }
}

/** What there may be none of, rather than it was not seen. */
const NONE: ReadonlySet<TemplateVariable> = new Set(['corefile.url', 'corefile.command'])

/** What the variable says of this crash, as it came from outside; `undefined`: that was not seen. */
export function variableOf(name: TemplateVariable, notification: Notification): string | undefined {
  return VARIABLES[name](notification)
}

function markup(text: string): Span {
  return { kind: 'markup', text }
}
