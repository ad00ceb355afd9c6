import type { KeyFiles } from '../serving/certificate/key-files.ts'

/** Where a pair of others' is mounted by default. Without files there, we make one. */
export const API_KEY_FILES: KeyFiles = {
  certFile: '/etc/coredog-api/certs/tls.crt',
  keyFile: '/etc/coredog-api/certs/tls.key',
}
