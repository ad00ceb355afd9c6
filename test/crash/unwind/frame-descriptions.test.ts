import assert from 'node:assert/strict'
import { it } from 'node:test'
import { FrameDescriptions } from '../../../crash/unwind/frame-descriptions.ts'
import { registersIn } from '../../../crash/unwind/registers.ts'
import { RecordedProcess, readRecording } from '../../fakes/recorded-process.ts'

// aarch64 is a static program without a table, go has .debug_frame only, the others are found by their tables.
for (const name of ['abort', 'alternate-stack', 'aarch64', 'go']) {
  it(`the description of the code where ${name} crashed is that which holds it, and none where no code is`, () => {
    const process = new RecordedProcess(readRecording(name))
    const { instruction } = registersIn(process.status, process.machine) ?? { instruction: 0n }
    const module = process.open().modules.at(instruction)
    assert.ok(module?.image)
    const descriptions = FrameDescriptions.of(module.image)
    const address = instruction - module.bias
    const found = descriptions.at(address)
    assert.ok(found && found.start <= address && address < found.end)
    assert.deepEqual(descriptions.at(found.start), found)
    assert.deepEqual(descriptions.at(found.end - 1n), found)
    assert.notDeepEqual(descriptions.at(found.end), found)
    for (const nowhere of [0n, 1n << 60n, -1n]) assert.equal(descriptions.at(nowhere), null)
    assert.equal(FrameDescriptions.of(module.image), descriptions)
  })
}
