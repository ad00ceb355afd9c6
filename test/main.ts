/** `npm test`: all tests but the end-to-end ones, or those of the files that are named. Options are those of Node. */
import process from 'node:process'

const ALL = ['test/!(e2e)/**/*.test.ts', 'test/*.test.ts']

const given = process.argv.slice(2)
const files = given.some(argument => !argument.startsWith('-')) ? [] : ALL
process.execve?.(process.execPath, [process.execPath, '--test', ...given, ...files], process.env)
