import type { Logger } from 'pino'
import { OperatorError } from '../../crash/errors.ts'
import { KubeError } from '../../kube/errors.ts'
import { type Pause, pause as realPause } from '../../time/pause.ts'
import { type Certificates, givenCertificates } from './given.ts'
import type { KeyPair } from './key-pair.ts'
import { makeKept } from './make.ts'
import { CertificateObjects, type CertificateObjectsOptions, isNotFound } from './objects.ts'
import { type CertificatePlan, faultOfPair, issuerOf, planCertificate } from './plan.ts'
import { keptIn, readCertificate, type Secret } from './secret.ts'
import { ToldOnce } from './told-once.ts'
import { isTrustedBy, trustPatch, type WebhookConfiguration } from './trust.ts'

interface KeepCertificateOptions extends CertificateObjectsOptions {
  readonly serviceName: string
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

class Keeper {
  readonly #options: KeepCertificateOptions
  readonly #onKeyPair: (pair: KeyPair) => void
  readonly #warnings: ToldOnce
  readonly #objects: CertificateObjects
  #served: KeyPair | null = null

  constructor(options: KeepCertificateOptions, onKeyPair: (pair: KeyPair) => void) {
    this.#options = options
    this.#onKeyPair = onKeyPair
    this.#warnings = new ToldOnce(options.log)
    this.#objects = new CertificateObjects(options)
  }

  /** Gives the seconds until the next time. */
  async look(signal: AbortSignal): Promise<number> {
    try {
      await this.#round(signal)
      this.#warnings.isOver('certificate not kept')
      return LOOK_SECONDS
    } catch (error) {
      if (signal.aborted) return 0
      if (isLostRace(error)) return RACE_SECONDS
      this.#warnings.warn('certificate not kept', error)
      return RETRY_SECONDS
    }
  }

  // The configuration is read before the Secret, and written only if it is still the same: so no replica
  // takes out an authority that another one has put into the Secret and the configuration in the meantime.
  async #round(signal: AbortSignal): Promise<void> {
    const configuration = await this.#configuration(signal)
    const secret = await this.#objects.readSecret(signal)
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
    if (action === 'given') return givenCertificates(secret, this.#options.secretName, this.#now())
    const kept = keptIn(secret)
    if (action === 'use') return kept
    const made = await makeKept(action, kept, { hosts: this.#hosts, now: this.#now() })
    await this.#objects.writeSecret(made, secret, signal)
    this.#options.log.info({ action, reason }, 'certificate written')
    return made
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
      await this.#objects.patchConfiguration(patch, signal)
      this.#warnings.isOver('caBundle not written')
      this.#options.log.info({ configuration: this.#options.webhookConfiguration }, 'caBundle written')
      return true
    } catch (error) {
      if (isLostRace(error) || signal.aborted) throw error
      this.#warnings.warn('caBundle not written', error)
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
    try {
      const read = await this.#objects.readConfiguration(signal)
      this.#warnings.isOver('webhook configuration not read')
      return read
    } catch (error) {
      if (signal.aborted || !(error instanceof KubeError) || error.status === null) throw error
      this.#warnings.warn('webhook configuration not read', isNotFound(error) ? this.#missing(error) : error)
      return isNotFound(error) ? { webhooks: [] } : null
    }
  }

  #missing(cause: KubeError): OperatorError {
    return new OperatorError(
      `Cannot find MutatingWebhookConfiguration "${this.#options.webhookConfiguration}": no API server asks this webhook`,
      'Apply the manifest of the webhook, or give the name of its configuration with --webhook-configuration.',
      cause,
    )
  }

  get #service() {
    return { namespace: this.#options.namespace, name: this.#options.serviceName }
  }

  get #hosts(): readonly string[] {
    const { namespace, serviceName } = this.#options
    const qualified = `${serviceName}.${namespace}`
    return [serviceName, qualified, `${qualified}.svc`, `${qualified}.svc.cluster.local`]
  }

  #now(): Date {
    return this.#options.now?.() ?? new Date()
  }
}

/** Another replica was first. */
function isLostRace(error: unknown): boolean {
  return error instanceof KubeError && error.status === 409
}
