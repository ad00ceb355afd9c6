import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { VERSION } from '../crash/version.ts'
import type { Lifetime } from '../serving/certificate/key-pair.ts'
import type { Outcome } from './admission/admission.ts'

/** What Prometheus is told of one replica. */
export interface Metrics {
  /** In Prometheus' text format. */
  readonly text: () => Promise<string>
  readonly contentType: string
  readonly countAdmission: (outcome: Outcome, seconds: number) => void
  readonly countRefusedConfiguration: () => void
  readonly setCertificate: (lifetime: Lifetime) => void
}

// The API server waits for ten seconds, and every pod waits for us.
const DURATION_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10]

export function createMetrics(): Metrics {
  const registry = new Registry()
  const series = createSeries(registry)
  // From the first scrape on, so that the first failure is seen as a rise from 0.
  for (const outcome of ['injected', 'skipped', 'failed']) series.admissions.inc({ outcome }, 0)
  series.buildInfo.set({ version: VERSION }, 1)
  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    countAdmission: (outcome, seconds) => {
      series.admissions.inc({ outcome })
      series.duration.observe(seconds)
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
    admissions: new Counter({
      name: 'coredog_admissions_total',
      help: 'Admission reviews that were answered; failed: the pod goes on as it was, because of a mistake',
      labelNames: ['outcome'],
      registers,
    }),
    duration: new Histogram({
      name: 'coredog_admission_seconds',
      help: 'From a whole request to its answer',
      buckets: DURATION_BUCKETS,
      registers,
    }),
    refused: new Counter({
      name: 'coredog_webhook_config_refused_total',
      help: 'New configurations that were refused because they are not valid',
      registers,
    }),
    start: new Gauge({
      name: 'coredog_webhook_certificate_start_seconds',
      help: 'When the certificate in use began, in Unix time; 0: there is none yet',
      registers,
    }),
    expiry: new Gauge({
      name: 'coredog_webhook_certificate_expiry_seconds',
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
