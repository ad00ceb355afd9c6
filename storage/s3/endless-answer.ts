/** A store that goes on answering where nothing comes of it. */
export class EndlessAnswerError extends Error {
  override readonly name = 'EndlessAnswer'
}
