import { destination, type Logger, pino } from 'pino'

/** JSON lines, as those of the handler and the installer. */
export function openLog(): Logger {
  const options = { base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }
  return pino(options, destination({ fd: process.stdout.fd, sync: true }))
}
