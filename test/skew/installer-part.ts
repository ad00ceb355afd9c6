import { setTimeout as pause } from 'node:timers/promises'
import { readConfig } from '../../config/read-config.ts'
import { openLog } from '../../handler/log.ts'
import { Host } from '../../handoff/host.ts'
import { closeCases } from '../../installer/outbox/closed-groups.ts'
import { deliverOutbox } from '../../installer/outbox/outbox.ts'
import { finishSpool } from '../../installer/spool/finish-spool.ts'
import { createMetrics } from '../../installer/telemetry/metrics.ts'

/**
 * What an installer does for the crashes of its node, and nothing else of it: until SIGTERM, or the end of
 * stdin.
 */
async function main([configFile = '', logFile = '']: readonly string[]): Promise<void> {
  const ending = new AbortController()
  process.on('SIGTERM', () => ending.abort())
  process.stdin.resume().on('end', () => process.exit(1))
  const log = openLog(logFile)
  const { config } = await readConfig(configFile)
  const metrics = createMetrics('skew')
  const options = { config, host: new Host('/'), log, metrics, env: {}, onFinished: () => undefined }
  await Promise.all([
    finishSpool(options, ending.signal),
    deliverOutbox(options, ending.signal),
    closeAll(options, ending.signal),
  ])
  process.exit()
}

async function closeAll(options: Parameters<typeof closeCases>[0], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await closeCases(options)
    await pause(100)
  }
}

void main(process.argv.slice(2))
