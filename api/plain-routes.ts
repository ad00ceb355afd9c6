import { type Reply, type Routes, refusal } from '../serving/listener.ts'
import type { Metrics } from './metrics.ts'
import type { State } from './state.ts'

/** On a port without TLS, for Prometheus and the kubelet: probes can be asked before there is a certificate. */
export function plainRoutes(
  { text, contentType }: Pick<Metrics, 'text' | 'contentType'>,
  state: Pick<State, 'problems'>,
): Routes {
  return {
    'GET /metrics': async (): Promise<Reply> => ({ status: 200, body: await text(), type: contentType }),
    'GET /health': () => ({ status: 200, body: 'ok' }),
    'GET /ready': () => {
      const { problems } = state
      return problems.length === 0 ? { status: 200, body: 'ready' } : refusal(503, problems.join('\n'))
    },
  }
}
