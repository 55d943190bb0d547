import { CREDENTIALS_VARIABLE, type EnvironmentVariables } from '../settings/environment-overrides.ts';

/** Copies the variables, and takes the secret one out of the environment, so that no program that is started later inherits it. */
export function takeEnvironment(environment: NodeJS.ProcessEnv): EnvironmentVariables {
  const taken = { ...environment };
  delete environment[CREDENTIALS_VARIABLE];
  return taken;
}
