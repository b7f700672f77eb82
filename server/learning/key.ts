/** The key that every run counts for. No executable is called so: a slash is no part of a base name. */
export const GLOBAL_KEY = '/'

/** The executable's key in a command's key: its first word, e.g. `java` of `java app.jar @1000`. */
export function executableOf(commandKey: string): string {
  return commandKey.split(' ', 1)[0] ?? ''
}
