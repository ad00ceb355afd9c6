import type { TlsOptions } from '../serving/server.ts'

const DEADLINE_MS = 10_000
const MOST_CONNECTIONS = 2048

/** How the server ends what does not end by itself: a request has to come whole in time, its answer may take hours. */
export const API_LIMITS = {
  asksClients: true,
  limits: {
    headersTimeout: DEADLINE_MS,
    requestTimeout: DEADLINE_MS,
    connectionsCheckingInterval: 1000,
    // An API server forgets an idle connection after 90 s; should we do so first, a request may meet the closing.
    keepAliveTimeout: 120_000,
    // A user may be of hundreds of groups, each of them a header.
    maxHeaderSize: 64 * 1024,
  },
  // A watch says nothing while nothing happens. Who reads too slowly is ended by who sends.
  idleMs: 0,
  // Beside those that make way there are some for a moment.
  mostConnections: MOST_CONNECTIONS + 256,
  // The server stays below 200 MiB with a thousand downloads at once: most are refused before the last begin.
  turns: { atOnce: 64, turnMs: 250, mostBegun: 512, mostConnections: MOST_CONNECTIONS },
} satisfies Omit<TlsOptions, 'log'>
