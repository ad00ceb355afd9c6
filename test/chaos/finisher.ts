import type { Logger } from 'pino'
import { readConfig } from '../../config/read-config.ts'
import { openLog } from '../../handler/log.ts'
import { Host } from '../../handoff/host.ts'
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
  const log: Logger = openLog(logFile)
  const { config } = await readConfig(configFile)
  const metrics = createMetrics('chaos')
  const options = { config, host: new Host('/'), log, metrics, env: {}, onFinished: () => undefined }
  log.info('finisher started')
  await Promise.all([finishSpool(options, ending.signal), deliverOutbox(options, ending.signal)])
  log.info('finisher ended')
  process.exit()
}

void main(process.argv.slice(2))
