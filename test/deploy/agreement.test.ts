import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { describe, it } from 'node:test'
import { API_KEY_FILES } from '../../api/key-files.ts'
import { parseConfig } from '../../config/parse-config.ts'
import { CONFIG_FILE, SECRETS_FILE } from '../../config/read-config.ts'
import { HOST_MOUNT } from '../../installer/node/host-root.ts'
import { DEFAULT_KEY_FILES } from '../../serving/certificate/key-files.ts'
import { webhookRoutes } from '../../webhook/routes.ts'
import { State } from '../../webhook/state.ts'
import { find, type Manifest, objectsOf } from './objects.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const objects = objectsOf('coredog-fallback.yaml')
const installer = find(objects, 'DaemonSet', 'coredog-installer')
const webhook = find(objects, 'Deployment', 'coredog-webhook')
const service = find(objects, 'Service', 'coredog-webhook')
const apiObjects = objectsOf('coredog-api.yaml')
const api = find(apiObjects, 'Deployment', 'coredog-api')
const configured = find(objects, 'MutatingWebhookConfiguration', 'coredog-webhook-config').webhooks[0]
const configText: string = find(objectsOf('coredog.yaml'), 'ConfigMap', 'coredog-config').data[CONFIG_FILE]

function containerOf({ spec }: Manifest) {
  return spec.template.spec.containers[0]
}

function mountPathOf(workload: Manifest, volume: string): string {
  return containerOf(workload).volumeMounts.find(({ name }: { name: string }) => name === volume).mountPath
}

/** What the program in the command of `workload` says of its options, in one line. */
function helpOf(workload: Manifest): string {
  const [, mode, command] = containerOf(workload).command
  const help = execFileSync(process.execPath, [`${mode}/main.ts`, command, '--help'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  return help.replaceAll(/\s+/g, ' ')
}

const helps = new Map([installer, webhook, api].map(workload => [workload, helpOf(workload)]))

for (const workload of [installer, webhook, api]) {
  const { name } = workload.metadata
  const spec = workload.spec.template.spec
  const container = containerOf(workload)

  const help = helps.get(workload) ?? ''

  describe(`what deploy/ says of ${name}`, () => {
    it('has options and variables that the program knows', () => {
      for (const option of container.args) assert.ok(help.includes(` ${option.split('=')[0]} <`), option)
      // That one Node itself reads.
      const ours = (container.env ?? []).filter(({ name }: { name: string }) => name !== 'NODE_OPTIONS')
      for (const { name } of ours) assert.ok(help.includes(`(env: ${name})`), name)
    })

    it('has the ports that the program listens on, and probes there', () => {
      for (const { containerPort } of container.ports)
        assert.match(help, RegExp(`default: ${containerPort}\\)`))
      const ports = container.ports.map((port: { name: string }) => port.name)
      for (const { httpGet } of [container.livenessProbe, container.readinessProbe])
        assert.ok(ports.includes(httpGet.port), httpGet.port)
    })

    it('mounts what it names, and every volume', () => {
      const mounts: { name: string; mountPath: string }[] = container.volumeMounts
      const names = spec.volumes.map((volume: { name: string }) => volume.name)
      assert.deepEqual(mounts.map(mount => mount.name).sort(), names.sort())
      for (const option of container.args) {
        const [flag, folder] = option.split('=')
        const mount = mounts.find(({ mountPath }) => mountPath === folder)
        assert.equal(mount?.name, flag === '--config-dir' ? 'config' : 'secrets', option)
      }
    })

    it('starts without any Secret', () => {
      const secrets = spec.volumes.flatMap((volume: { secret?: object }) => volume.secret ?? [])
      assert.ok(secrets.length > 0)
      for (const secret of secrets) assert.equal(secret.optional, true, secret.secretName)
    })

    it('selects its own pods, and has a service account of its own', () => {
      const { labels } = workload.spec.template.metadata
      assert.deepEqual({ ...labels, ...workload.spec.selector.matchLabels }, labels)
      find([...objects, ...apiObjects], 'ServiceAccount', spec.serviceAccountName)
      assert.equal(spec.serviceAccountName, name)
    })
  })
}

describe('the objects of deploy/', () => {
  it('mount the node, and a given certificate, where the programs look for them', () => {
    assert.equal(mountPathOf(installer, 'host'), HOST_MOUNT)
    assert.equal(`${mountPathOf(api, 'api-certs')}/tls.crt`, API_KEY_FILES.certFile)
    assert.equal(`${mountPathOf(webhook, 'webhook-certs')}/tls.crt`, DEFAULT_KEY_FILES.certFile)
  })

  it('call each other by the names that the programs take by default', () => {
    const help = helps.get(webhook) ?? ''
    assert.match(help, RegExp(`--service <name> [^(]*\\(default: "${service.metadata.name}"\\)`))
    assert.match(help, /--webhook-configuration <name> [^(]*\(default: "coredog-webhook-config"\)/)
    const [own] = find(objects, 'Role', 'coredog-webhook').rules
    assert.match(help, RegExp(`--secret <name> [^(]*\\(default: "${own.resourceNames[0]}"\\)`))
    assert.match(helps.get(installer) ?? '', RegExp(`\\(default: "${installer.metadata.name}"\\)`))
  })

  it('lead the API server to coredog-api, by the names that it takes by default', () => {
    const help = helps.get(api) ?? ''
    const { spec } = find(apiObjects, 'Service', 'coredog-api')
    assert.match(help, /--service <name> [^(]*\(default: "coredog-api"\)/)
    const { service, group, version } = find(apiObjects, 'APIService', 'v1alpha1.coredog.io').spec
    assert.deepEqual([service.name, service.port], ['coredog-api', spec.ports[0].port])
    assert.match(help, RegExp(`--api-service <name\\.\\.\\.> [^(]*\\(default: "${version}\\.${group}"\\)`))
    const [own] = find(apiObjects, 'Role', 'coredog-api').rules
    assert.match(help, RegExp(`--secret <name> [^(]*\\(default: "${own.resourceNames[0]}"\\)`))
    const { labels } = api.spec.template.metadata
    assert.deepEqual({ ...labels, ...spec.selector }, labels)
    assert.match(help, /--detector-paths /)
  })

  it('let a node be drained with coredog-api on it', () => {
    const { spec } = find(apiObjects, 'PodDisruptionBudget', 'coredog-api')
    assert.deepEqual(spec.selector.matchLabels, api.spec.selector.matchLabels)
    assert.ok(api.spec.replicas > spec.maxUnavailable)
  })

  it('lead a review to the container', () => {
    const { clientConfig } = configured
    const [port] = service.spec.ports
    assert.deepEqual([clientConfig.service.name, clientConfig.service.port], ['coredog-webhook', port.port])
    const outside = {} as Parameters<typeof webhookRoutes>[0] // none of it is asked for the names of the routes
    assert.ok(`POST ${clientConfig.service.path}` in webhookRoutes(outside, new State()))
    const target = containerOf(webhook).ports.find((each: { name: string }) => each.name === port.targetPort)
    assert.equal(target.containerPort, 8443)
    const { labels } = webhook.spec.template.metadata
    assert.deepEqual({ ...labels, ...service.spec.selector }, labels)
  })

  it('never keep a pod of ours, or of the cluster itself, from starting', () => {
    const [{ key, operator, values }] = configured.namespaceSelector.matchExpressions
    assert.deepEqual([key, operator], ['kubernetes.io/metadata.name', 'NotIn'])
    assert.deepEqual(values, ['kube-system', 'kube-node-lease', webhook.metadata.namespace])
    assert.equal(configured.failurePolicy, 'Ignore')
    // So much later than without us, where we cannot be reached.
    assert.equal(configured.timeoutSeconds, 1)
  })

  it('let a node be drained with the webhook on it', () => {
    const { spec } = find(objects, 'PodDisruptionBudget', 'coredog-webhook')
    assert.deepEqual(spec.selector.matchLabels, webhook.spec.selector.matchLabels)
    assert.ok(webhook.spec.replicas > spec.maxUnavailable)
  })

  it('let the installer have its priority wherever a quota guards that', () => {
    const { scopeSelector } = find(objects, 'ResourceQuota', 'coredog-critical-pods').spec
    assert.deepEqual(scopeSelector.matchExpressions[0].values, [
      installer.spec.template.spec.priorityClassName,
    ])
  })
})

describe('the coredog.yaml of deploy/', () => {
  const [secret] = objectsOf('secrets.example.yaml') as [Manifest]
  const secretText: string = secret.stringData[SECRETS_FILE]
  const filled = configText.replace(/S3Bucket:.*/, 'S3Bucket: crashes')

  it('is refused as it stands, with the key that has to be set', () => {
    assert.throws(() => parseConfig(configText), /coredog\.yaml.*StorageConfig\.S3Bucket is not set/)
  })

  it('is fine with a bucket, without a Secret', () => {
    const { config, warnings } = parseConfig(filled.replace(/s3Region:.*/, 's3Region: eu-central-1'))
    assert.deepEqual(warnings, [])
    assert.deepEqual([config.collect.pods, config.notice.channels], ['annotated', []])
  })

  it('is fine with the example of the Secret, filled in, and what its comments propose', () => {
    const text = filled.replaceAll(/^( *)# (S3Endpoint|NoticeChannel| {2}- chan)/gm, '$1$2')
    const secrets = secretText
      .replaceAll(/: *$/gm, ': https://example.com/x')
      .replaceAll(/^(\w+): .*/gm, '$1:')
    const { config, warnings } = parseConfig(text, { secrets })
    assert.deepEqual(warnings, [])
    const [channel] = config.notice.channels
    assert.deepEqual([channel?.kind, channel?.webhookUrl], ['slack', 'https://example.com/x'])
    assert.ok(config.storage.protocol === 's3' && config.storage.credentials !== null)
    assert.equal(config.storage.endpoint, 'http://minio.storage.svc:9000')
  })
})
