import { type Reply, type Routes, refusal } from '../serving/listener.ts'
import type { Metrics } from './metrics.ts'
import { answerReview, type Outside } from './review.ts'
import type { State } from './state.ts'

/** What is served over TLS. */
export function webhookRoutes(outside: Outside, state: Pick<State, 'problems'>): Routes {
  return { 'POST /mutate': request => answerReview(request, outside), ...probesOf(state) }
}

function probesOf(state: Pick<State, 'problems'>): Routes {
  return {
    'GET /health': () => ({ status: 200, body: 'ok' }),
    'GET /ready': () => {
      const { problems } = state
      return problems.length === 0 ? { status: 200, body: 'ready' } : refusal(503, problems.join('\n'))
    },
  }
}

/** On a port of its own. The probes are here too: they can be asked before there is a certificate. */
export function plainRoutes(
  { text, contentType }: Pick<Metrics, 'text' | 'contentType'>,
  state: Pick<State, 'problems'>,
): Routes {
  const answer = async (): Promise<Reply> => ({ status: 200, body: await text(), type: contentType })
  return { 'GET /metrics': answer, ...probesOf(state) }
}
