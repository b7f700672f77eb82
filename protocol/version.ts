/**
 * The version of this godwit, in every hello of an agent and under `--version`. Written out, because the agent is
 * bundled into one file that package.json is not in; a test holds the two together.
 */
export const VERSION = '0.1.0'
