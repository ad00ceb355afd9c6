import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { VERSION } from '../crash/version.ts'
import type { Lifetime } from '../serving/certificate/key-pair.ts'
import type { Verb } from './resource-request.ts'

/** What Prometheus is told of one replica. */
export interface Metrics {
  /** In Prometheus' text format. */
  readonly text: () => Promise<string>
  readonly contentType: string
  /** A request has come; to be called with what became of it. */
  readonly begin: () => (outcome: Outcome) => void
  readonly countRefusedConfiguration: () => void
  readonly setCertificate: (lifetime: Lifetime) => void
}

interface Outcome {
  readonly verb: Verb | null
  /** `null`: discovery, probes, and what is not there. */
  readonly resource: string | null
  readonly code: number
}

const DURATION_BUCKETS = [0.005, 0.05, 0.1, 0.5, 1, 5, 10, 60]

export function createMetrics(): Metrics {
  const registry = new Registry()
  const series = createSeries(registry)
  series.buildInfo.set({ version: VERSION }, 1)
  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    begin: () => {
      series.underWay.inc()
      const seconds = series.duration.startTimer()
      return ({ verb, resource, code }) => {
        series.underWay.dec()
        series.requests.inc({ verb: verb ?? '', resource: resource ?? '', code })
        // How long a watch or a download is open says nothing of us.
        if (verb !== null && verb !== 'watch' && !resource?.includes('/')) seconds({ verb })
      }
    },
    countRefusedConfiguration: () => series.refused.inc(),
    setCertificate: ({ from, until }) => {
      series.start.set(from.getTime() / 1000)
      series.expiry.set(until.getTime() / 1000)
    },
  }
}

function createSeries(registry: Registry) {
  const registers = [registry]
  return {
    requests: new Counter({
      name: 'coredog_api_requests_total',
      help: 'Requests that are over; verb and resource are empty for discovery, probes, and what is not there',
      labelNames: ['verb', 'resource', 'code'],
      registers,
    }),
    duration: new Histogram({
      name: 'coredog_api_request_seconds',
      help: 'From the head of a request for objects to the end of its answer; no watches, no downloads',
      labelNames: ['verb'],
      buckets: DURATION_BUCKETS,
      registers,
    }),
    underWay: new Gauge({
      name: 'coredog_api_requests_under_way',
      help: 'Requests that are not over: watches and downloads, for the most part',
      registers,
    }),
    refused: new Counter({
      name: 'coredog_api_config_refused_total',
      help: 'New configurations that were refused because they are not valid',
      registers,
    }),
    start: new Gauge({
      name: 'coredog_api_certificate_start_seconds',
      help: 'When the certificate in use began, in Unix time; 0: there is none yet',
      registers,
    }),
    expiry: new Gauge({
      name: 'coredog_api_certificate_expiry_seconds',
      help: 'When the certificate in use ends, in Unix time; 0: there is none yet',
      registers,
    }),
    buildInfo: new Gauge({
      name: 'coredog_build_info',
      help: 'Always 1',
      labelNames: ['version'],
      registers,
    }),
  }
}
