import type { Logger } from 'pino'
import { messageOf, OperatorError } from '../../crash/errors.ts'
import type { KubeClient } from '../../kube/client.ts'
import { KubeError } from '../../kube/errors.ts'
import { type Pause, pause as realPause } from '../../time/pause.ts'
import { issueServing, makeAuthority } from './issue.ts'
import type { KeyPair } from './key-pair.ts'
import { type CertificatePlan, faultOfPair, issuerOf, planCertificate } from './plan.ts'
import { certificatesIn, dataOf, type Kept, keptIn, readCertificate, type Secret } from './secret.ts'
import { isTrustedBy, trustPatch, type WebhookConfiguration } from './trust.ts'

export interface KeepCertificateOptions {
  readonly kube: Pick<KubeClient, 'get' | 'patch'>
  readonly namespace: string
  readonly serviceName: string
  readonly secretName: string
  /** The name of the MutatingWebhookConfiguration. */
  readonly webhookConfiguration: string
  readonly log: Logger
  readonly now?: () => Date
  readonly pause?: Pause
}

const LOOK_SECONDS = 60
const RETRY_SECONDS = 5
const RACE_SECONDS = 1

/**
 * Keeps a certificate that the API server believes, until `signal` is aborted: makes and renews it in the
 * Secret, puts its authority into the webhook's configuration, and tells `onKeyPair` of each new one. A
 * Secret that an operator or cert-manager gave is used as it is. Never rejects: what goes wrong is logged
 * once, and what is served goes on. Any number of replicas may do this at once, since every write names the
 * version that it was decided on, and the replica that loses reads again.
 */
export async function keepCertificate(
  options: KeepCertificateOptions,
  onKeyPair: (pair: KeyPair) => void,
  signal: AbortSignal,
): Promise<void> {
  const keeper = new Keeper(options, onKeyPair)
  const wait = options.pause ?? realPause
  while (!signal.aborted) await wait(await keeper.look(signal), signal)
}

/**
 * What is to be served, and which authorities are to be believed for it; `null`: the giver of the pair says
 * which.
 */
interface Certificates {
  readonly serving: KeyPair
  readonly authorities: readonly string[] | null
}

class Keeper {
  readonly #options: KeepCertificateOptions
  readonly #onKeyPair: (pair: KeyPair) => void
  readonly #told = new Set<string>()
  #served: KeyPair | null = null

  constructor(options: KeepCertificateOptions, onKeyPair: (pair: KeyPair) => void) {
    this.#options = options
    this.#onKeyPair = onKeyPair
  }

  /** Gives the seconds until the next time. */
  async look(signal: AbortSignal): Promise<number> {
    try {
      await this.#round(signal)
      this.#told.delete('certificate not kept')
      return LOOK_SECONDS
    } catch (error) {
      if (signal.aborted) return 0
      if (isLostRace(error)) return RACE_SECONDS
      this.#tell('certificate not kept', error)
      return RETRY_SECONDS
    }
  }

  // The configuration is read before the Secret, and written only if it is still the same: so no replica
  // takes out an authority that another one has put into the Secret and the configuration in the meantime.
  async #round(signal: AbortSignal): Promise<void> {
    const configuration = await this.#configuration(signal)
    const secret = await this.#secret(signal)
    const plan = planCertificate(secret, {
      hosts: this.#hosts,
      now: this.#now(),
      isTrusted: authority => configuration !== null && isTrustedBy(configuration, this.#service, authority),
    })
    const { serving, authorities } = await this.#carryOut(plan, secret, signal)
    const isTrusted = authorities === null || (await this.#trust(configuration, authorities, signal))
    if (isTrusted || this.#mayServe(serving, authorities)) this.#serve(serving)
  }

  async #carryOut(plan: CertificatePlan, secret: Secret, signal: AbortSignal): Promise<Certificates> {
    const { action, reason } = plan
    if (action === 'given') return this.#given(secret)
    const kept = keptIn(secret)
    if (action === 'use') return kept
    const made = await this.#made(action, kept)
    await this.#write(made, secret, signal)
    this.#options.log.info({ action, reason }, 'certificate written')
    return made
  }

  async #made(action: CertificatePlan['action'], kept: Kept): Promise<Kept> {
    const now = this.#now()
    const [newest] = kept.authorities
    if (newest === undefined || action === 'make') {
      const authority = await makeAuthority(now)
      const serving = await issueServing(authority, this.#hosts, now)
      return { serving, authorities: [authority.certificate], authorityKey: authority.key }
    }
    if (action === 'succeed') {
      const { certificate, key } = await makeAuthority(now)
      return { ...kept, authorities: [certificate, newest], authorityKey: key }
    }
    const serving = await issueServing({ certificate: newest, key: kept.authorityKey }, this.#hosts, now)
    // What is renewed is still served elsewhere for a moment: its authority goes with the next renewal.
    const old = issuerOf(kept.serving.certificate, kept.authorities) ?? newest
    return { ...kept, serving, authorities: [...new Set([newest, old])] }
  }

  async #write(kept: Kept, secret: Secret, signal: AbortSignal): Promise<void> {
    const { resourceVersion } = secret.metadata ?? {}
    const patch = { metadata: { resourceVersion }, data: dataOf(kept) }
    await this.#options.kube.patch(this.#secretPath, patch, signal)
  }

  #given(secret: Secret): Certificates {
    const { serving, authorities } = keptIn(secret)
    const fault = faultOfPair(serving, [], this.#now())
    if (fault !== null)
      throw new OperatorError(
        `Cannot use the certificate in Secret "${this.#options.secretName}": it ${fault}`,
        'Put a certificate and its key into tls.crt and tls.key; or delete the Secret and apply its manifest, and the webhook makes its own.',
      )
    if (authorities.length > 0) return { serving, authorities }
    const [leaf = ''] = certificatesIn(serving.certificate)
    return { serving, authorities: issuerOf(leaf, [leaf]) === null ? null : [leaf] }
  }

  /**
   * Gives whether the API server believes in `authorities`: it does not call us while there is no
   * configuration.
   */
  async #trust(
    configuration: WebhookConfiguration | null,
    authorities: readonly string[],
    signal: AbortSignal,
  ): Promise<boolean> {
    if (configuration === null) return false
    const patch = trustPatch(configuration, this.#service, authorities)
    if (patch === null) return true
    try {
      await this.#options.kube.patch(this.#configurationPath, patch, signal)
      this.#told.delete('caBundle not written')
      this.#options.log.info({ configuration: this.#options.webhookConfiguration }, 'caBundle written')
      return true
    } catch (error) {
      if (isLostRace(error) || signal.aborted) throw error
      this.#tell('caBundle not written', error)
      return false
    }
  }

  // Not believed, for all we know. It is served all the same where nothing is lost by it.
  #mayServe(next: KeyPair, authorities: readonly string[] | null): boolean {
    if (this.#served === null || faultOfPair(this.#served, [], this.#now()) !== null) return true
    const trusted = authorities ?? []
    return issuerOf(next.certificate, trusted) === issuerOf(this.#served.certificate, trusted)
  }

  #serve(pair: KeyPair): void {
    if (this.#served?.certificate === pair.certificate && this.#served.key === pair.key) return
    this.#served = pair
    this.#onKeyPair(pair)
    const { validTo, serialNumber } = readCertificate(pair.certificate) ?? {}
    this.#options.log.info({ validTo, serialNumber }, 'certificate taken into use')
  }

  /** `null`: it could not be read. Without one at all, the API server has to believe nothing. */
  async #configuration(signal: AbortSignal): Promise<WebhookConfiguration | null> {
    const { kube } = this.#options
    try {
      const read = await kube.get<WebhookConfiguration>(this.#configurationPath, signal)
      this.#told.delete('webhook configuration not read')
      return read
    } catch (error) {
      if (signal.aborted || !(error instanceof KubeError) || error.status === null) throw error
      this.#tell('webhook configuration not read', isNotFound(error) ? this.#missing(error) : error)
      return isNotFound(error) ? { webhooks: [] } : null
    }
  }

  #missing(cause: KubeError): OperatorError {
    return new OperatorError(
      `Cannot find MutatingWebhookConfiguration "${this.#options.webhookConfiguration}": nobody asks this webhook`,
      'Apply the manifest of the webhook, or give the name of its configuration with --webhook-configuration.',
      cause,
    )
  }

  /** It is never made by us: a right to create one would be a right to create any. */
  async #secret(signal: AbortSignal): Promise<Secret> {
    try {
      return await this.#options.kube.get<Secret>(this.#secretPath, signal)
    } catch (cause) {
      if (!isNotFound(cause)) throw cause
      throw new OperatorError(
        `Cannot find Secret "${this.#options.secretName}": the webhook may not make it`,
        'Apply the manifests of the webhook: they have an empty one, into which it writes a certificate.',
        cause,
      )
    }
  }

  /** Once for as long as it lasts. */
  #tell(what: string, error: unknown): void {
    if (this.#told.has(what)) return
    this.#told.add(what)
    const hint = error instanceof KubeError || error instanceof OperatorError ? error.hint : undefined
    this.#options.log.warn({ reason: messageOf(error), hint }, what)
  }

  get #service() {
    return { namespace: this.#options.namespace, name: this.#options.serviceName }
  }

  get #hosts(): readonly string[] {
    const { namespace, serviceName } = this.#options
    const qualified = `${serviceName}.${namespace}`
    return [serviceName, qualified, `${qualified}.svc`, `${qualified}.svc.cluster.local`]
  }

  get #secretPath(): string {
    const { namespace, secretName } = this.#options
    return `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(secretName)}`
  }

  get #configurationPath(): string {
    const name = encodeURIComponent(this.#options.webhookConfiguration)
    return `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${name}`
  }

  #now(): Date {
    return this.#options.now?.() ?? new Date()
  }
}

/** Another replica was first. */
function isLostRace(error: unknown): boolean {
  return error instanceof KubeError && error.status === 409
}

// The reason, too: a proxy's 404 says nothing of the object.
function isNotFound(error: unknown): error is KubeError {
  return error instanceof KubeError && error.status === 404 && error.reason === 'NotFound'
}
