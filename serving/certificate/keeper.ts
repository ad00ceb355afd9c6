import type { Logger } from 'pino'
import { KubeError } from '../../kube/errors.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { type Pause, pause as realPause } from '../../time/pause.ts'
import type { Caller } from './caller.ts'
import { type Certificates, givenCertificates } from './given.ts'
import type { KeyPair } from './key-pair.ts'
import { makeKept } from './make.ts'
import { CertificateObjects, type CertificateObjectsOptions, isNotFound } from './objects.ts'
import { type CertificatePlan, faultOfPair, issuerOf, planCertificate } from './plan.ts'
import { keptIn, readCertificate, type Secret } from './secret.ts'
import { ToldOnce } from './told-once.ts'

interface KeepCertificateOptions extends CertificateObjectsOptions {
  readonly serviceName: string
  /** What has the API server call us. */
  readonly callers: readonly Caller[]
  readonly log: Logger
  readonly now?: () => Date
  readonly pause?: Pause
}

const LOOK_SECONDS = 60
const RETRY_SECONDS = 5
const RACE_SECONDS = 1

/**
 * Keeps a certificate that the API server believes, until `signal` is aborted: makes and renews it in the
 * Secret, puts its authority into what has the API server call us, and tells `onKeyPair` of each new one. A
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

  // The callers are read before the Secret, and written only if they are still the same: so no replica takes
  // out an authority that another one has put into the Secret and a caller in the meantime.
  async #round(signal: AbortSignal): Promise<void> {
    const callers = await this.#readCallers(signal)
    const secret = await this.#objects.readSecret(signal)
    const plan = planCertificate(secret, {
      owner: this.#options.owner,
      hosts: this.#hosts,
      now: this.#now(),
      isTrusted: authority =>
        callers.every(
          ({ caller, object }) => object !== null && caller.believes(object, this.#service, authority),
        ),
    })
    const { serving, authorities } = await this.#carryOut(plan, secret, signal)
    const isTrusted = authorities === null || (await this.#trust(callers, authorities, signal))
    if (isTrusted || this.#mayServe(serving, authorities)) this.#serve(serving)
  }

  async #carryOut(plan: CertificatePlan, secret: Secret, signal: AbortSignal): Promise<Certificates> {
    const { action, reason } = plan
    if (action === 'given') return givenCertificates(secret, this.#options, this.#now())
    const kept = keptIn(secret)
    if (action === 'use') return kept
    const made = await makeKept(action, kept, { hosts: this.#hosts, now: this.#now() })
    await this.#objects.writeSecret(made, secret, signal)
    this.#options.log.info({ action, reason }, 'certificate written')
    return made
  }

  /** Gives whether the API server believes in `authorities`, wherever it calls us. */
  async #trust(
    callers: readonly ReadCaller[],
    authorities: readonly string[],
    signal: AbortSignal,
  ): Promise<boolean> {
    let isTrusted = true
    for (const caller of callers)
      isTrusted = (await this.#trustedBy(caller, authorities, signal)) && isTrusted
    return isTrusted
  }

  async #trustedBy(
    { caller, object }: ReadCaller,
    authorities: readonly string[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const patch = object && caller.patch(object, this.#service, authorities)
    if (patch === null) return object !== null
    try {
      await this.#objects.patchCaller(caller, patch, signal)
      this.#warnings.isOver('caBundle not written', caller.name)
      this.#options.log.info({ configuration: caller.name }, 'caBundle written')
      return true
    } catch (error) {
      if (isLostRace(error) || signal.aborted) throw error
      this.#warnings.warn('caBundle not written', error, caller.name)
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

  #readCallers(signal: AbortSignal): Promise<ReadCaller[]> {
    return Promise.all(
      this.#options.callers.map(async caller => ({ caller, object: await this.#readCaller(caller, signal) })),
    )
  }

  /** `null`: it could not be read. Without one at all, the API server has to believe nothing. */
  async #readCaller(caller: Caller, signal: AbortSignal): Promise<KubeObject | null> {
    const { unread, name, missing } = caller
    try {
      const read = await this.#objects.readCaller(caller, signal)
      this.#warnings.isOver(unread, name)
      return read
    } catch (error) {
      if (signal.aborted || !(error instanceof KubeError) || error.status === null) throw error
      this.#warnings.warn(unread, isNotFound(error) ? missing(error) : error, name)
      return isNotFound(error) ? {} : null
    }
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

/** `object` is `null` where it could not be read. */
interface ReadCaller {
  readonly caller: Caller
  readonly object: KubeObject | null
}

/** Another replica was first. */
function isLostRace(error: unknown): boolean {
  return error instanceof KubeError && error.status === 409
}
