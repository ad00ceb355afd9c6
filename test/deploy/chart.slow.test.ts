import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { execa } from 'execa'
import { parseAllDocuments, parse as parseYaml } from 'yaml'
import type { Declaration } from '../../config/declaration.ts'
import { KEYS } from '../../config/keys.ts'
import { parseConfig } from '../../config/parse-config.ts'
import { VERSION } from '../../crash/version.ts'
import { findProgram } from '../installed-program.ts'
import { CHART, findHelm, type Helm, KUBE_VERSION, NO_HELM, startHelm } from './helm.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const ORIGINAL_VALUES = path.join(ROOT, 'test/fixtures/original/values.yaml')
const program = findHelm()
let helm: Helm

interface Manifest {
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly data?: Readonly<Record<string, string>>
}

/** As `helm install coredog deploy/chart --namespace coredog-system` makes them; `values` as with `-f`. */
async function render(values: object = {}, ...args: readonly string[]): Promise<Manifest[]> {
  const command = ['template', 'coredog', CHART, '--namespace=coredog-system', KUBE_VERSION]
  const { stdout } = await helm([...command, ...args, '--values=-'], JSON.stringify(values))
  return manifestsIn(stdout)
}

function manifestsIn(text: string): Manifest[] {
  // As Helm and kubectl read it: 0440 is octal.
  return parseAllDocuments(text, { version: '1.1' }).map(document => document.toJS())
}

function find(manifests: readonly Manifest[], kind: string, name: string): Manifest | undefined {
  return manifests.find(manifest => manifest.kind === kind && manifest.metadata.name === name)
}

function keyOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.name}`
}

/** The two files that the pods find, as the parser takes them. */
function configurationIn(manifests: readonly Manifest[]) {
  const text = find(manifests, 'ConfigMap', 'coredog-config')?.data?.['coredog.yaml'] ?? ''
  const secret = find(manifests, 'Secret', 'coredog-secrets')?.data?.['coredog-secrets.yaml']
  const secrets = secret === undefined ? undefined : Buffer.from(secret, 'base64').toString()
  return { text, secrets, parsed: parseConfig(text, secrets === undefined ? {} : { secrets }) }
}

/** The first container of a workload, with what is around it. */
function podOf(manifest: Manifest | undefined) {
  return JSON.parse(JSON.stringify(manifest ?? null))?.spec.template.spec
}

const STORED = 'StorageConfig: {S3Bucket: crashes, s3Region: eu-1}'
const FALLBACK = `${STORED}\nfallback: {hostPath: true}`

describe('deploy/chart', { skip: program === null && NO_HELM }, () => {
  before(() => {
    helm = startHelm(program!) // skipped without it
  })
  after(() => helm?.[Symbol.dispose]())

  it('passes helm lint', async () => {
    const { stdout } = await helm(['lint', CHART, '--strict', KUBE_VERSION])
    assert.match(stdout, /1 chart\(s\) linted, 0 chart\(s\) failed/)
  })

  it('gives the objects of `kubectl apply -f deploy/coredog.yaml`, but for what Helm adds', async () => {
    const applied = manifestsIn(readFileSync(path.join(ROOT, 'deploy/coredog.yaml'), 'utf8'))
    assertSame(await render({}, '--no-hooks'), applied)
  })

  it('gives those of `kubectl apply -f deploy/coredog-fallback.yaml` where config.coredog has the fallback', async () => {
    const applied = manifestsIn(readFileSync(path.join(ROOT, 'deploy/coredog-fallback.yaml'), 'utf8'))
    const coredog = find(applied, 'ConfigMap', 'coredog-config')?.data?.['coredog.yaml'] ?? ''
    assertSame(await render({ config: { coredog: coredog.trimEnd() } }, '--no-hooks'), applied)
  })

  it('gives those of `kubectl apply -f deploy/coredog-api.yaml`, too, with api.enabled', async () => {
    const files = ['deploy/coredog.yaml', 'deploy/coredog-api.yaml']
    const applied = files.flatMap(file => manifestsIn(readFileSync(path.join(ROOT, file), 'utf8')))
    assertSame(await render({ api: { enabled: true } }, '--no-hooks'), applied)
  })

  for (const [fallback, has] of [
    ['{hostPath: true}', true],
    ['{hostPath: "Yes"}', true],
    ['{corePattern: on}', true],
    ['{hostPath: false, corePattern: false}', false],
    ['{hostPath: maybe}', false],
    ['', false],
  ] as const) {
    it(`has ${has ? 'a' : 'no'} webhook with fallback: ${fallback}`, async () => {
      const manifests = await render({ config: { coredog: `${STORED}\nfallback: ${fallback}` } })
      assert.equal(find(manifests, 'Deployment', 'coredog-webhook') !== undefined, has)
    })
  }

  it('has no ValidatingAdmissionPolicy where there are none', async () => {
    const older = await render({ config: { coredog: FALLBACK } }, '--kube-version=1.29.0')
    assert.ok(find(older, 'Deployment', 'coredog-webhook'))
    assert.ok(!older.some(({ kind }) => kind.startsWith('ValidatingAdmissionPolicy')))
  })

  it('has nothing of coredog-api where nobody asked for it', async () => {
    const keys = (await render()).map(keyOf)
    assert.deepEqual(
      keys.filter(key => /coredog-(?:api|viewer|downloader)|APIService/.test(key)),
      [],
    )
    await assert.rejects(render({ api: { detectorPaths: true } }), /api\.detectorPaths: needs api\.enabled/)
  })

  it('mounts the certificate of a destination into the installer', async () => {
    const volume = { name: 'receiver', secret: { secretName: 'coredog-client', defaultMode: 0o400 } }
    const mount = { name: 'receiver', mountPath: '/etc/coredog-receiver', readOnly: true }
    const manifests = await render({ installer: { extraVolumes: [volume], extraVolumeMounts: [mount] } })
    const { containers, volumes } = podOf(
      JSON.parse(JSON.stringify(find(manifests, 'DaemonSet', 'coredog-installer'))),
    )
    assert.deepEqual(volumes.at(-1), volume)
    assert.deepEqual(containers[0].volumeMounts.at(-1), mount)
  })

  it('passes values on to coredog-api', async () => {
    const store = { name: 'store', persistentVolumeClaim: { claimName: 'cores', readOnly: true } }
    const mount = { name: 'store', mountPath: '/mnt/cores', readOnly: true }
    const api = {
      ...{ enabled: true, replicas: 3, existingSecret: 'reader', resources: { limits: { memory: '1Gi' } } },
      ...{ nodeSelector: { pool: 'a' }, tolerations: [{ operator: 'Exists' }], extraEgressPorts: [9000] },
      ...{ extraEnv: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/ca' }], extraVolumes: [store] },
      ...{ extraVolumeMounts: [mount], podAnnotations: { 'prometheus.io/scrape': 'true' } },
      serviceAccountAnnotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/reader' },
    }
    const manifests = await render({ api, openshift: true })
    const deployment = JSON.parse(JSON.stringify(find(manifests, 'Deployment', 'coredog-api')))
    const { containers, volumes, ...pod } = podOf(deployment)
    assert.equal(deployment.spec.replicas, 3)
    assert.deepEqual(deployment.spec.template.metadata.annotations, api.podAnnotations)
    const ownEnv = { name: 'NODE_OPTIONS', value: '--max-semi-space-size=2' }
    assert.deepEqual([pod.tolerations, containers[0].env], [api.tolerations, [ownEnv, ...api.extraEnv]])
    assert.deepEqual(pod.nodeSelector, { 'kubernetes.io/os': 'linux', pool: 'a' })
    assert.equal(containers[0].resources.limits.memory, '1Gi')
    assert.deepEqual([volumes[1].secret.secretName, volumes[3]], ['reader', store])
    assert.deepEqual(containers[0].volumeMounts[3], mount)
    const allowed = JSON.stringify(find(manifests, 'NetworkPolicy', 'coredog-api'))
    assert.match(allowed, /{"port":16443,"protocol":"TCP"},{"port":9000,"protocol":"TCP"}/)
    const account = find(manifests, 'ServiceAccount', 'coredog-api')
    assert.deepEqual(account?.metadata.annotations, api.serviceAccountAnnotations)
    assert.ok(find(manifests, 'RoleBinding', 'coredog-api-nonroot'))
  })

  const STACK = { release: 'kube-prometheus-stack' }
  const role = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/coredog' }
  for (const [overlay, values] of Object.entries({
    api: { api: { enabled: true } },
    'detector-paths': { api: { enabled: true, detectorPaths: true } },
    flatcar: { installer: { installDir: '/opt/bin' } },
    'gke-cos': { installer: { installDir: '/home/kubernetes/bin' } },
    irsa: { installer: { serviceAccountAnnotations: role } },
    monitoring: {
      monitoring: { podMonitor: true, alerts: true, dashboard: true, labels: STACK },
    },
    'network-policy': { installer: { networkPolicy: true } },
    openshift: { openshift: true },
  })) {
    const kubectl = findProgram('kubectl')
    const skip = kubectl === null && 'kubectl is not installed; .ci/install builds it'
    it(`gives those of \`kubectl apply -k deploy/overlays/${overlay}\`, by values`, { skip }, async () => {
      const { stdout } = await execa(kubectl!, ['kustomize', path.join(ROOT, 'deploy/overlays', overlay)]) // skipped without it
      assertSame(await render(values, '--no-hooks'), manifestsIn(stdout))
    })
  }

  it('asks Prometheus for the pods of the namespace that it is in', async () => {
    const values = JSON.stringify({ monitoring: { alerts: true } })
    const command = ['template', 'coredog', CHART, '--namespace=elsewhere', KUBE_VERSION, '--values=-']
    const { stdout } = await helm(command, values)
    const rule = find(manifestsIn(stdout), 'PrometheusRule', 'coredog')
    assert.match(JSON.stringify(rule), /up\{namespace=\\"elsewhere\\", pod=~/)
    assert.doesNotMatch(JSON.stringify(rule), /coredog-system/)
  })

  it('lets the installer out by the ports of its store', async () => {
    const manifests = await render({ installer: { networkPolicy: true, extraEgressPorts: [9000] } })
    const allowed = JSON.stringify(find(manifests, 'NetworkPolicy', 'coredog-installer'))
    assert.match(allowed, /{"port":16443,"protocol":"TCP"},{"port":9000,"protocol":"TCP"}/)
    assert.equal(find(await render(), 'NetworkPolicy', 'coredog-installer'), undefined)
  })

  it('takes the values of the original, and CoreDog understands what it gets of them', async () => {
    const original = parseYaml(readFileSync(ORIGINAL_VALUES, 'utf8'))
    const manifests = await render(original)
    const { text, parsed } = configurationIn(manifests)
    assert.deepEqual(parsed.config, parseConfig(original.config.coredog).config)
    assert.doesNotMatch(text, /YOUR_/, 'secrets are in the ConfigMap')
    for (const { image } of podOf(find(manifests, 'DaemonSet', 'coredog-installer')).containers) {
      assert.equal(
        image,
        `ghcr.io/coredog/coredog:${VERSION}`,
        "the original's image has none of our programs",
      )
    }
  })

  describe('config.coredog', () => {
    const texts = {
      'numbers that JSON would change':
        'StorageConfig: {S3Bucket: crashes, s3Region: eu-1}\nlimits: {maxCoreSize: 68719476736}\nmessageLabels: {v: 1.10, on: yes}',
      'comments and blank lines': `# first\n\n${STORED} # here\n\n\n`,
      'text that is indented': `   StorageConfig:\n     S3Bucket: crashes\n     s3Region: eu-1`,
      'line ends of Windows': `${STORED}\r\ngc: true\r\n`,
    }
    for (const [name, text] of Object.entries(texts)) {
      it(`is passed on as it is: ${name}`, async () => {
        const written = configurationIn(await render({ config: { coredog: text } })).text
        assert.equal(written.trimEnd(), text.trimEnd())
      })
    }

    it('goes into the Secret with every key that is one, and into the ConfigMap without', async () => {
      const exceptions = ['StorageConfig.s3AccesskeyID', 'CoreSight.apiUrl', 'CoreSight.natsUrl']
      for (const keys of secretKeys(KEYS)) {
        const config = { coredog: `# kept\n${JSON.stringify(nested(keys, 'http://hidden.example'))}` }
        const manifests = await render({ config })
        const inConfigMap = find(manifests, 'ConfigMap', 'coredog-config')?.data?.['coredog.yaml'] ?? ''
        const isException = exceptions.includes(keys.join('.'))
        assert.equal(inConfigMap.includes('hidden'), isException, keys.join('.'))
        const secret = find(manifests, 'Secret', 'coredog-secrets')?.data?.['coredog-secrets.yaml'] ?? ''
        assert.equal(Buffer.from(secret, 'base64').toString(), isException ? '' : config.coredog)
      }
    })

    it('goes into the Secret when it cannot be read, for it may hold one', async () => {
      const coredog = 'StorageConfig:\n\ts3SecretAccessKey: hidden'
      const manifests = await render({ config: { coredog } })
      assert.doesNotMatch(JSON.stringify(find(manifests, 'ConfigMap', 'coredog-config')), /hidden/)
      assert.ok(find(manifests, 'Secret', 'coredog-secrets'))
    })
  })

  describe('secrets', () => {
    const secrets = 'StorageConfig: {s3AccesskeyID: id, s3SecretAccessKey: hidden}'

    it('become the Secret, which wins over the ConfigMap', async () => {
      const { text, parsed } = configurationIn(await render({ config: { coredog: STORED }, secrets }))
      assert.equal(text.trim(), STORED)
      const { storage } = parsed.config
      assert.deepEqual('credentials' in storage && storage.credentials, {
        accessKeyId: 'id',
        secretAccessKey: 'hidden',
      })
    })

    it('may be in a Secret that exists: the pods mount it, and none is made', async () => {
      const manifests = await render({ existingSecret: 'mine', config: { coredog: FALLBACK } })
      assert.equal(find(manifests, 'Secret', 'coredog-secrets'), undefined)
      for (const [kind, name] of [
        ['DaemonSet', 'coredog-installer'],
        ['Deployment', 'coredog-webhook'],
      ] as const) {
        const { volumes } = podOf(find(manifests, kind, name))
        const mounted = volumes.find((volume: { name: string }) => volume.name === 'secrets')
        assert.equal(mounted.secret.secretName, 'mine')
      }
    })

    const twice = { config: { coredog: 'CoreSight: {token: hidden}' } }
    for (const [values, said] of [
      [{ secrets, existingSecret: 'mine' }, /secrets and existingSecret: set one of the two/],
      [{ ...twice, secrets }, /config\.coredog holds a secret \(CoreSight\.token\): move it .* in secrets/],
      [
        { ...twice, existingSecret: 'mine' },
        /\(CoreSight\.token\): move it .* the Secret that existingSecret/,
      ],
    ] as const) {
      it(`are in one place only: ${Object.keys(values)}`, () => assert.rejects(render(values), said))
    }
  })

  describe('corefileVolume.hostPath.path', () => {
    const corefileVolume = { hostPath: { path: '/mnt/cores' } }

    it('is the directory of cores where config.coredog names none', async () => {
      const { parsed } = configurationIn(await render({ corefileVolume, config: { coredog: STORED } }))
      assert.equal(parsed.config.fallback.dumpsDir, '/mnt/cores')
    })

    it('gives way to what config.coredog says', async () => {
      const coredog = `${STORED}\nfallback: {hostPath: true, dumpsDir: /data/mine}`
      const { text } = configurationIn(await render({ corefileVolume, config: { coredog } }))
      assert.equal(text.trim(), coredog)
    })

    for (const coredog of [
      `${STORED}\nfallback: {hostPath: true}`,
      '{StorageConfig: {S3Bucket: crashes, s3Region: eu-1}}',
      `${STORED}\n---\n`,
    ]) {
      it(`is refused where it cannot be added: ${JSON.stringify(coredog)}`, () =>
        assert.rejects(
          render({ corefileVolume, config: { coredog } }),
          /write it there yourself, as fallback\.dumpsDir: "\/mnt\/cores"/,
        ))
    }
  })

  describe('the other values', () => {
    it('name an image by its digest', async () => {
      const image = { repository: 'registry.example/coredog', digest: `sha256:${'0'.repeat(64)}` }
      const { containers } = podOf(find(await render({ image }), 'DaemonSet', 'coredog-installer'))
      assert.equal(containers[0].image, `registry.example/coredog@sha256:${'0'.repeat(64)}`)
    })

    it('leave the webhook out, with its rights', async () => {
      const manifests = await render({ webhook: { enabled: false }, config: { coredog: FALLBACK } })
      assert.deepEqual(
        manifests.map(keyOf).filter(key => /webhook/i.test(key)),
        [],
      )
    })

    it('keep the cluster itself out of the webhook, whatever they select', async () => {
      const asked = [{ key: 'team', operator: 'Exists' }]
      const namespaceSelector = { matchLabels: { cores: 'yes' }, matchExpressions: asked }
      const made = find(
        await render({ webhook: { namespaceSelector }, config: { coredog: FALLBACK } }),
        'MutatingWebhookConfiguration',
        'coredog-webhook-config',
      )
      const [{ namespaceSelector: written }] = JSON.parse(JSON.stringify(made)).webhooks
      assert.deepEqual(written.matchLabels, { cores: 'yes' })
      assert.deepEqual(written.matchExpressions[0].values, [
        'kube-system',
        'kube-node-lease',
        'coredog-system',
      ])
      assert.deepEqual(written.matchExpressions.slice(1), asked)
    })

    it('bring no quota without a priority of the system', async () => {
      const manifests = await render({ installer: { priorityClassName: '' } })
      assert.ok(!manifests.some(({ kind }) => kind === 'ResourceQuota'))
      assert.ok(!('priorityClassName' in podOf(find(manifests, 'DaemonSet', 'coredog-installer'))))
    })

    it('reach the installer', async () => {
      const installer = {
        installDir: '/opt/bin',
        tolerations: [],
        nodeSelector: { pool: 'a' },
        affinity: null,
        extraEnv: [{ name: 'HTTPS_PROXY', value: 'http://proxy.example' }],
        serviceAccountAnnotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/cores' },
        podAnnotations: { 'prometheus.io/scrape': 'true' },
      }
      const manifests = await render({ installer, imagePullSecrets: [{ name: 'registry' }] })
      const daemonSet = find(manifests, 'DaemonSet', 'coredog-installer')
      const pod = podOf(daemonSet)
      assert.ok(pod.containers[0].args.includes('--install-dir=/opt/bin'))
      assert.deepEqual(pod.containers[0].env.at(-1), installer.extraEnv[0])
      assert.deepEqual(pod.nodeSelector, { 'kubernetes.io/os': 'linux', pool: 'a' })
      assert.deepEqual([pod.tolerations, pod.affinity], [undefined, undefined])
      assert.deepEqual(pod.imagePullSecrets, [{ name: 'registry' }])
      assert.match(JSON.stringify(daemonSet), /"annotations":\{"prometheus.io\/scrape":"true"\}/)
      const account = find(manifests, 'ServiceAccount', 'coredog-installer')
      assert.deepEqual(account?.metadata.annotations, installer.serviceAccountAnnotations)
    })
  })

  it('passes values on to the webhook and to the test', async () => {
    const webhook = {
      replicas: 3,
      failurePolicy: 'Fail',
      resources: { limits: { memory: '1Gi' } },
      nodeSelector: { pool: 'a' },
      tolerations: [{ operator: 'Exists' }],
      extraEnv: [{ name: 'HTTPS_PROXY', value: 'http://proxy.example' }],
      podAnnotations: { 'prometheus.io/scrape': 'true' },
      extraEgressPorts: [3128],
    }
    const config = { coredog: FALLBACK }
    const manifests = await render({ webhook, test: { timeoutSeconds: 7 }, config })
    const allowed = JSON.stringify(find(manifests, 'NetworkPolicy', 'coredog-webhook'))
    assert.match(allowed, /{"port":16443,"protocol":"TCP"},{"port":3128,"protocol":"TCP"}/)
    const deployment = JSON.parse(JSON.stringify(find(manifests, 'Deployment', 'coredog-webhook')))
    const pod = podOf(deployment)
    assert.equal(deployment.spec.replicas, 3)
    assert.equal(pod.containers[0].resources.limits.memory, '1Gi')
    assert.deepEqual(pod.nodeSelector, { 'kubernetes.io/os': 'linux', pool: 'a' })
    assert.deepEqual([pod.tolerations, pod.containers[0].env], [webhook.tolerations, webhook.extraEnv])
    assert.deepEqual(deployment.spec.template.metadata.annotations, webhook.podAnnotations)
    const asked = find(manifests, 'MutatingWebhookConfiguration', 'coredog-webhook-config')
    assert.match(JSON.stringify(asked), /"failurePolicy":"Fail"/)
    const crash = JSON.stringify(find(manifests, 'Pod', 'coredog-test'))
    assert.match(crash, /{"name":"TIMEOUT_SECONDS","value":"7"}/)
  })

  describe('values.schema.json', () => {
    const wrong: readonly (readonly [object, RegExp])[] = [
      [
        { installer: { tolleration: [] } },
        /at '\/installer': additional properties 'tolleration' not allowed/,
      ],
      [{ storage: {} }, /additional properties 'storage' not allowed/],
      [{ config: { coredog: { StorageConfig: {} } } }, /at '\/config\/coredog': got object, want string/],
      [{ webhook: { failurePolicy: 'ignore' } }, /at '\/webhook\/failurePolicy': value must be one of/],
      [{ webhook: { enabled: 'no' } }, /at '\/webhook\/enabled': got string, want boolean/],
      [{ image: { digest: 'latest' } }, /at '\/image\/digest': 'latest' does not match pattern/],
      [{ installer: { installDir: 'opt/bin' } }, /at '\/installer\/installDir'/],
      [{ corefileVolume: { hostPath: { path: '/data' } } }, /at '\/corefileVolume\/hostPath\/path'/],
      [
        { installer: { extraEnv: [{ value: 'x' }] } },
        /at '\/installer\/extraEnv\/0': missing property 'name'/,
      ],
    ]
    for (const [values, said] of wrong) {
      it(`says what is wrong: ${JSON.stringify(values)}`, () => assert.rejects(render(values), said))
    }
  })

  it('has a test that crashes where the kernel has a pipe, and none where it writes files', async () => {
    const isForTests = ({ metadata }: Manifest) => metadata.name === 'coredog-test'
    const forTests = (await render()).filter(isForTests)
    assert.deepEqual(
      forTests.map(keyOf).sort(),
      ['Pod', 'Role', 'RoleBinding', 'ServiceAccount'].map(kind => `${kind} coredog-test`),
    )
    // Helm prints the log of each hook, and uninstalls none.
    const isHook = ({ metadata }: Manifest) => metadata.annotations?.['helm.sh/hook'] === 'test'
    assert.deepEqual(forTests.filter(isHook).map(keyOf), ['Pod coredog-test'])
    const coredog = `${STORED}\nfallback: {corePattern: true}`
    assert.deepEqual((await render({ config: { coredog } })).filter(isForTests), [])
  })
})

it('deploy/chart/Chart.yaml has the version of CoreDog', () => {
  const { appVersion } = parseYaml(readFileSync(path.join(CHART, 'Chart.yaml'), 'utf8'))
  assert.equal(appVersion, VERSION)
})

it('deploy/chart/README.md has the table of all values', () => {
  const text = readFileSync(path.join(CHART, 'values.yaml'), 'utf8')
  const wanted = documentedValues(text)
  assert.deepEqual(
    wanted.map(([key]) => key),
    leavesOf(parseYaml(text), wanted),
    'values.yaml has a value without a comment that begins with "--"',
  )
  const readme = readFileSync(path.join(CHART, 'README.md'), 'utf8')
  const table = wanted.map(cells => `| ${cells.join(' | ')} |`).join('\n')
  assert.ok(readme.includes(table), `The table differs from values.yaml, by which it is:\n${table}`)
})

/** But for labels, the Namespace, which `--create-namespace` makes, and what only `helm test` needs. */
function assertSame(chart: readonly Manifest[], applied: readonly Manifest[]): void {
  const made = chart.filter(({ metadata }) => !metadata.name.startsWith('coredog-test'))
  const expected = applied.filter(({ kind }) => kind !== 'Namespace')
  assert.deepEqual(made.map(keyOf).sort(), expected.map(keyOf).sort())
  for (const manifest of made) {
    const other = expected.find(candidate => keyOf(candidate) === keyOf(manifest))
    assert.deepEqual(withoutHelmLabels(manifest), other, keyOf(manifest))
  }
}

function withoutHelmLabels(manifest: Manifest): Manifest {
  const added = ['app.kubernetes.io/managed-by', 'app.kubernetes.io/version', 'helm.sh/chart']
  const labels = Object.entries(manifest.metadata.labels ?? {}).filter(([name]) => !added.includes(name))
  assert.equal(labels.length + added.length, Object.keys(manifest.metadata.labels ?? {}).length)
  return { ...manifest, metadata: { ...manifest.metadata, labels: Object.fromEntries(labels) } }
}

/** The paths of all keys that are secrets; `*` is an item of a list. */
function secretKeys(declaration: Declaration): string[][] {
  switch (declaration.kind) {
    case 'section':
      return Object.entries(declaration.keys).flatMap(([name, inner]) =>
        secretKeys(inner).map(keys => [name, ...keys]),
      )
    case 'sections':
      return secretKeys(declaration.item).map(keys => ['*', ...keys])
    case 'scalar':
      return declaration.secret ? [[]] : []
    default:
      return []
  }
}

function nested([key, ...rest]: readonly string[], value: string): unknown {
  if (key === undefined) return value
  const inner = nested(rest, value)
  return key === '*' ? [{}, inner] : { [key]: inner }
}

/** Key, default and meaning of each value with a comment that begins with `--`. */
function documentedValues(text: string): (readonly [string, string, string])[] {
  const values = parseYaml(text)
  const above: string[] = []
  const found: (readonly [string, string, string])[] = []
  let meaning: string | null = null
  for (const line of text.split('\n')) {
    const comment = /^ *# -- (.*)$/.exec(line)?.[1]
    const [, indent = '', name] = /^( *)([A-Za-z]+):/.exec(line) ?? []
    if (comment !== undefined) meaning = comment
    else if (name !== undefined) {
      above.splice(indent.length / 2, above.length, name)
      if (meaning !== null) found.push([`\`${above.join('.')}\``, shown(at(values, above)), meaning])
      meaning = null
    }
  }
  return found
}

function at(values: unknown, keys: readonly string[]): unknown {
  return keys.reduce((inner, key) => (inner as Record<string, unknown>)[key], values) // keys of this very text
}

/** A default that is short. What is longer stands in values.yaml. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (text === '') return ''
  return text.includes('\n') || text.length > 60 ? 'see values.yaml' : `\`${text}\``
}

/** The paths of all values, none below one of `documented`. */
function leavesOf(
  value: unknown,
  documented: readonly (readonly [string, ...unknown[]])[],
  key = '',
): string[] {
  const isInside = !documented.some(([name]) => isDeepStrictEqual(name, `\`${key}\``))
  if (isInside && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([name, inner]) =>
      leavesOf(inner, documented, key === '' ? name : `${key}.${name}`),
    )
  }
  return [`\`${key}\``]
}
