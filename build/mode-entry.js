/** `node coredog-installer.js …` is `coredog-handler installer …` of the same folder; so is the webhook. */
import path from 'node:path'
import process from 'node:process'
import { runInOurPlace } from './child.js'

const [, mode = ''] = /^coredog-(\w+)\.js$/.exec(path.basename(__filename)) ?? []
const executable = path.join(__dirname, 'coredog-handler')
runInOurPlace(executable, [mode, ...process.argv.slice(2)], { hint: '`npm run build` makes it' })
