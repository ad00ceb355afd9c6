import { parentPort, workerData } from 'node:worker_threads'
import type { Evidence } from './evidence.ts'
import { explain } from './explain.ts'

// What a {@link explainInThread} begins.
parentPort?.postMessage(explain(workerData as Evidence))
