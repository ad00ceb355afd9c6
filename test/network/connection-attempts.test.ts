import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { it } from 'node:test'

const ROOT = path.resolve(import.meta.dirname, '../..')

// Asked at the end of the program itself, in an environment as empty as the kernel's.
const ASK =
  'import net from "node:net";process.on("exit",()=>console.log("attempt",net.getDefaultAutoSelectFamilyAttemptTimeout(),"ms"))'

for (const program of ['handler', 'installer', 'webhook', 'api']) {
  it(`${program}: an address of several gets longer than a slow SYN takes`, () => {
    const said = execFileSync(
      process.execPath,
      [
        `--import=data:text/javascript,${encodeURIComponent(ASK)}`,
        path.join(ROOT, `${program}/main.ts`),
        // The handler says its version before it is loaded.
        '--help',
      ],
      { encoding: 'utf8', env: {} },
    )
    assert.match(said, /^attempt 2000 ms$/m)
  })
}
