import type { Command, Option } from 'commander'
import { plain } from '../../untrusted/plain-text.ts'
import type { World } from '../world.ts'
import type { Candidate } from './candidate.ts'
import { crashesNamed } from './crashes-named.ts'

/** Of Cobra: files are offered, or nothing else is. */
const FILES = 0
const NO_FILES = 4

/**
 * What the last of `words` may become, a line each, and then a line for how a shell goes on: the protocol of Cobra's
 * `__complete`, which kubectl speaks with its plugins.
 */
export async function complete(program: Command, words: readonly string[], world: World): Promise<string> {
  const [last, before] = [words.at(-1) ?? '', words.slice(0, -1)]
  const command = commandIn(program, before)
  const awaited = optionAwaiting(command, program, before.at(-1) ?? '')
  const found =
    awaited === null ? await ofCommand(command, program, { last, before, world }) : ofOption(awaited)
  const fitting = (found ?? []).filter(({ value }) => value.startsWith(last))
  const lines = fitting.map(({ value, what }) => `${value}${what === '' ? '' : `\t${plain(what)}`}\n`)
  return `${lines.join('')}:${found === null ? FILES : NO_FILES}\n`
}

interface Asked {
  readonly last: string
  readonly before: readonly string[]
  readonly world: World
}

/** `null`: files. */
async function ofCommand(
  command: Command,
  program: Command,
  { last, before, world }: Asked,
): Promise<readonly Candidate[] | null> {
  if (last.startsWith('-')) return optionsOf(command, program)
  if (command === program) return commandsOf(program)
  const [argument] = command.registeredArguments
  if (argument?.argChoices !== undefined) return argument.argChoices.map(value => ({ value, what: '' }))
  if (argument?.name() === 'crash') return await crashesNamed(last, before, world)
  return []
}

/** Values that are none of a list are files, or nothing that is known. */
function ofOption({ argChoices, long }: Option): readonly Candidate[] | null {
  if (argChoices !== undefined) return argChoices.map(value => ({ value, what: '' }))
  return TAKES_FILE.has(long ?? '') ? null : []
}

const TAKES_FILE = new Set(['--config', '--secrets-dir', '--kubeconfig', '--output', '--program', '--bucket'])

function commandsOf(program: Command): readonly Candidate[] {
  const visible = program.createHelp().visibleCommands(program)
  return visible.map(command => ({ value: command.name(), what: command.description() }))
}

function optionsOf(command: Command, program: Command): readonly Candidate[] {
  const help = command.createHelp()
  const options = [
    ...help.visibleOptions(command),
    ...(command === program ? [] : help.visibleOptions(program)),
  ]
  const found = options.map(({ long, short, description }) => ({
    value: long ?? short ?? '',
    what: description,
  }))
  return [...new Map(found.map(candidate => [candidate.value, candidate])).values()]
}

/** The command that is named first; options with a value of its own are passed over. */
function commandIn(program: Command, words: readonly string[]): Command {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    const option = optionCalled(program, program, word)
    if (option !== null && takesNext(option, word)) at += 1
    else if (!word.startsWith('-'))
      return program.commands.find(one => one.name() === word || one.aliases().includes(word)) ?? program
  }
  return program
}

function optionAwaiting(command: Command, program: Command, word: string): Option | null {
  const option = optionCalled(command, program, word)
  return option !== null && takesNext(option, word) ? option : null
}

function optionCalled(command: Command, program: Command, word: string): Option | null {
  const options = [...command.options, ...program.options]
  return options.find(({ long, short }) => word === long || word === short) ?? null
}

function takesNext({ required, optional }: Option, word: string): boolean {
  return (required || optional) && !word.includes('=')
}
