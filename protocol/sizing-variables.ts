/**
 * The environment variables by which a runtime sizes itself. Placement reads them; the deputy sends these to the server
 * and none beside them.
 */
export const SIZING_VARIABLES = [
  'JDK_JAVA_OPTIONS',
  'JAVA_TOOL_OPTIONS',
  '_JAVA_OPTIONS',
  'JAVA_OPTS',
  'MAVEN_OPTS',
  'GRADLE_OPTS',
  'SBT_OPTS',
  'ANT_OPTS',
  'NODE_OPTIONS',
  'MAKEFLAGS',
  'CARGO_BUILD_JOBS',
  'GOMAXPROCS',
  'GOMEMLIMIT',
  'OMP_NUM_THREADS',
] as const
