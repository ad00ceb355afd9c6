import type { Logger } from 'pino'
import { messageOf } from '../../crash/errors.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { KubeObject } from '../../kube/objects.ts'
import { watch } from '../../kube/watch.ts'
import { pause } from '../../time/pause.ts'
import type { LabelledLevel } from './mutate.ts'

const PATH = '/api/v1/namespaces'
const LABEL = 'pod-security.kubernetes.io/enforce'
/** The API server gives an admission ten seconds for everything. */
const ASK_SECONDS = 2
const MOST_ASKED = 32
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

type Kube = Pick<KubeClient, 'get' | 'list' | 'watchFrom'>

/** Which Pod Security level each namespace enforces, by its label. */
export class NamespaceLevels {
  readonly #kube: Kube
  readonly #log: Logger
  readonly #levels = new Map<string, LabelledLevel>()
  readonly #asked = new Map<string, Promise<LabelledLevel | null>>()

  constructor(kube: Kube, log: Logger) {
    this.#kube = kube
    this.#log = log
  }

  /** Keeps what is known up to date, until `signal` is aborted. */
  async follow(signal: AbortSignal): Promise<void> {
    const onFault = (fault: unknown, pauseSeconds: number) => {
      this.#log.warn(
        { reason: messageOf(fault), hint: hintOf(fault), pauseSeconds },
        'namespaces not watched',
      )
    }
    for await (const event of watch<KubeObject>(this.#kube, PATH, { onFault, pause }, signal)) {
      if (event.type === 'LISTED') this.#levels.clear()
      const namespaces = event.type === 'LISTED' ? event.objects : [event.object]
      for (const namespace of namespaces) {
        const name = namespace.metadata?.name ?? ''
        if (event.type === 'DELETED') this.#levels.delete(name)
        else this.#levels.set(name, enforcedLevel(namespace))
      }
    }
  }

  /**
   * The level of a namespace; `null`: unknown. One that was made a moment ago, with its first pods at once,
   * may not have reached us: the API server is asked for it. The answer is not kept, because without a watch
   * it would become wrong some day.
   */
  async levelOf(name: string): Promise<LabelledLevel | null> {
    const known = this.#levels.get(name)
    if (known !== undefined || !NAME.test(name)) return known ?? null
    const underWay = this.#asked.get(name)
    if (underWay !== undefined) return underWay
    if (this.#asked.size >= MOST_ASKED) return null
    const asking = this.#ask(name).finally(() => this.#asked.delete(name))
    this.#asked.set(name, asking)
    return asking
  }

  async #ask(name: string): Promise<LabelledLevel | null> {
    try {
      const signal = AbortSignal.timeout(ASK_SECONDS * 1000)
      return enforcedLevel(await this.#kube.get<KubeObject>(`${PATH}/${name}`, signal))
    } catch (fault) {
      this.#log.warn({ reason: messageOf(fault), hint: hintOf(fault) }, 'namespace not read')
      return null
    }
  }
}

/**
 * Without the label, the API server's default counts: `privileged`, unless its AdmissionConfiguration says
 * otherwise (Talos ships `baseline`), which cannot be read from outside of the API server. A level that does
 * not exist counts as `restricted` there:
 * https://github.com/kubernetes/pod-security-admission/blob/master/api/helpers.go
 */
function enforcedLevel({ metadata }: KubeObject): LabelledLevel {
  const level = metadata?.labels?.[LABEL]
  if (level === undefined) return 'unlabelled'
  return level === 'privileged' || level === 'baseline' ? level : 'restricted'
}

function hintOf(fault: unknown): unknown {
  return fault instanceof Error && 'hint' in fault ? fault.hint : undefined
}
