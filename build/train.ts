/**
 * Runs the handler's scripts once, as a crash would, and writes down which functions of them were called. In a process
 * of its own: the handler is one.
 *
 * Arguments: the folder of the scripts, the file to write, a CRI socket, the id of a container there, and the handler's
 * own.
 */
import { writeFileSync } from 'node:fs'
import { type Profiler, Session } from 'node:inspector'
import { Scripts } from '../executable/scripts.ts'
import { calledFunctions } from './called-functions.ts'
import { textsIn } from './folder-shelf.ts'
import { COMPILED_WHOLE, SCRIPT_NAMES } from './handler-scripts.ts'
import type { trainBeside } from './training.ts'

const [folder = '', file = '', criSocket = '', containerId = '', ...handlerArguments] = process.argv.slice(2)

const scripts = new Scripts({ ...textsIn(folder), codeCache: () => null })

const session = new Session()
session.connect()
session.post('Profiler.enable')
session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: false })

process.on('exit', status => {
  if (status !== 0) return
  session.post('Profiler.takePreciseCoverage', (error, counted: Profiler.TakePreciseCoverageReturnType) => {
    if (error !== null) throw error
    const counting = SCRIPT_NAMES.filter(name => !COMPILED_WHOLE.includes(name))
    writeFileSync(file, JSON.stringify(calledFunctions(counted.result, counting)))
  })
})

const { trainBeside: train } = scripts.run('training') as { trainBeside: typeof trainBeside }
await train(criSocket, containerId)
process.argv = [process.argv0, process.argv0, ...handlerArguments]
scripts.run('main')
