// Loaded by Node before the handler: says of each script whether V8 took its code cache.
const { writeSync } = require('node:fs')
const vm = require('node:vm')

vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options)
    const taken = options.cachedData !== undefined && this.cachedDataRejected === false
    writeSync(2, `${options.filename}: ${taken ? 'taken' : 'not taken'}\n`)
  }
}
