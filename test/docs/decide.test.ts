import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import { parseConfig } from '../../config/parse-config.ts'
import { TOP_ROOMS } from '../rooms.ts'
import { DEPLOYED, type PodSpec } from './deployed.ts'
import { type Document, documentOf, ROOT } from './documents.ts'

const { prose } = documentOf('docs/decide.md')

it('docs/decide.md has every privilege that the manifests ask for', () => {
  const rows = [...prose.matchAll(/^\| `(.*?)` \| (installer|webhook|api) \|/gm)].map(
    ([, what, who]) => `${who} ${what}`,
  )
  const asked = podSpecs().flatMap(([who, spec]) => privilegesOf(spec).map(what => `${who} ${what}`))
  assert.ok(asked.length > 4)
  assert.deepEqual(rows.toSorted(), asked.toSorted())
})

it('docs/decide.md has what the containers request, and their limits', () => {
  const rows = [...prose.matchAll(/^\| (installer|webhook|api), .*? \| (.*?) \| (.*?) \|$/gm)]
  const found = podSpecs().map(([who, { containers }]) => {
    const [
      {
        resources: { requests, limits },
      } = assert.fail(),
    ] = containers
    return [who, amount(requests), amount(limits)]
  })
  assert.deepEqual(rows.map(([, ...cells]) => cells).toSorted(), found.toSorted())
})

it('docs/decide.md has the defaults that decide what it costs', () => {
  const { dedupe, limits, spool } = parseConfig('StorageConfig: {protocol: cfs, CFSMountPath: /mnt}').config
  const gib = (bytes: number) => `${bytes / 2 ** 30} GiB`
  for (const words of [
    `\`limits.memory\` (${gib(limits.memoryBytes)} for all of a node)`,
    `${dedupe.keep} within ${dedupe.windowSeconds / 60} minutes`,
    `of all its crashes ${limits.perWorkload} in an hour`,
    `${gib(spool.maxBytes)} at the most`,
    `${spool.perNamespace * 100} % of that for one namespace`,
    `${spool.keepFree * 100} % of the file system stays free`,
  ])
    assert.ok(prose.includes(words), words)
})

it('the programs know no server but those that the operator names, and the clouds’ own', () => {
  const sources = globSync(`{${TOP_ROOMS.join()}}/**/*.ts`, { cwd: ROOT })
  const lines = sources.flatMap(file => readFileSync(path.join(ROOT, file), 'utf8').split('\n'))
  const code = lines.filter(line => !/^\s*(?:\*|\/\/|\/\*)/.test(line)).join('\n')
  const hosts = [...code.matchAll(/https?:\/\/(?:\$\{[^}]*\}|[\w.-])+/g)]
    .map(([address]) => address.replace(/.*[}/]/, ''))
    .filter(host => /\.[a-z]+$/.test(host) && !host.endsWith('.example'))
  assert.deepEqual([...new Set(hosts)].toSorted(), ['.aliyuncs.com', '.myqcloud.com'])
})

it('docs/zh-CN/decide.md names the same keys, values and requests', () => {
  const [english, chinese] = ['docs/decide.md', 'docs/zh-CN/decide.md'].map(documentOf)
  assert.deepEqual(tableCodes(chinese), tableCodes(english))
  const amounts = /\d+m CPU(?:, \d+Mi)?|\d+Mi\b/g
  assert.deepEqual(chinese?.prose.match(amounts), english?.prose.match(amounts))
})

/** What stands in backquotes in the rows of tables, row by row. */
function tableCodes(document: Document | undefined): readonly string[][] {
  const rows = document?.prose.match(/^\|.*$/gm) ?? []
  return rows.map(row => [...row.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code))
}

function podSpecs(): readonly (readonly [string, PodSpec])[] {
  return DEPLOYED.flatMap(({ metadata, spec }) => {
    const pod = spec?.template?.spec
    return pod === undefined ? [] : [[metadata.name.replace('coredog-', ''), pod] as const]
  })
}

/** All that an ordinary pod has not, as it stands in a manifest. */
function privilegesOf(spec: PodSpec): readonly string[] {
  const { containers, volumes = [], priorityClassName, tolerations = [] } = spec
  const onNode = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter(name => spec[name] === true)
  const isEverywhere = tolerations.some(toleration => JSON.stringify(toleration) === '{"operator":"Exists"}')
  return [
    ...onNode.map(name => `${name}: true`),
    ...volumes.flatMap(({ hostPath }) => (hostPath === undefined ? [] : [`hostPath: ${hostPath.path}`])),
    ...(priorityClassName === undefined ? [] : [`priorityClassName: ${priorityClassName}`]),
    ...(isEverywhere ? ['tolerations: all'] : []),
    ...containers.flatMap(container => rightsOf(container, spec.securityContext)),
  ]
}

type Container = PodSpec['containers'][number]

function rightsOf(
  { securityContext = {}, volumeMounts = [] }: Container,
  ofPod: PodSpec['securityContext'],
): string[] {
  const { privileged, allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities } = securityContext
  const { runAsUser = 0 } = { ...ofPod, ...securityContext }
  return [
    ...(privileged === true ? ['privileged: true'] : []),
    ...(runAsUser === 0 ? ['runAsUser: 0'] : []),
    ...(allowPrivilegeEscalation === true ? ['allowPrivilegeEscalation: true'] : []),
    ...(readOnlyRootFilesystem === true ? [] : ['readOnlyRootFilesystem: false']),
    ...(capabilities?.add ?? []).map(name => `capabilities.add: ${name}`),
    ...volumeMounts.flatMap(({ mountPropagation }) =>
      mountPropagation === undefined ? [] : [`mountPropagation: ${mountPropagation}`],
    ),
  ]
}

function amount({ cpu, memory }: Readonly<Record<string, string>>): string {
  return [cpu === undefined ? [] : `${cpu} CPU`, memory ?? []].flat().join(', ')
}
