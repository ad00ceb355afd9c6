/**
 * What `messageTemplate` and the links of a message may hold as `{pod.name}`. The first eight are the original
 * CoreDog's. How each is read off a crash, notify/template.ts says, which does not compile without one.
 */
export const TEMPLATE_VARIABLES = [
  'pod.name',
  'pod.namespace',
  'pod.uid',
  'pod.node',
  'host.ip',
  'corefile.path',
  'corefile.filename',
  'corefile.url',
  'corefile.size',
  'corefile.command',
  'container.name',
  'image',
  'workload',
  'signal',
  'executable',
  'time',
  'crash.id',
  'crash.group',
  'outcome',
] as const

export type TemplateVariable = (typeof TEMPLATE_VARIABLES)[number]
