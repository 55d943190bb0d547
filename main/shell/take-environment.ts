import { SECRET_VARIABLES, type EnvironmentVariables } from '../settings/environment-overrides.ts';

/** Copies the variables, and takes the secret ones out of the environment, so that no program that is started later inherits them. */
export function takeEnvironment(environment: NodeJS.ProcessEnv): EnvironmentVariables {
  const taken = { ...environment };
  for (const name of SECRET_VARIABLES) delete environment[name];
  return taken;
}
