import { readFile } from 'node:fs/promises';
import { controlFileSchema } from '../../contract/control.ts';
import { controlClient, type ControlClient } from './control-client.ts';
import type { Person } from './windowless-app.ts';

/** Turns the control API of an app on and finds it as a program does, by its file. */
export async function controlOf(person: Person): Promise<ControlClient> {
  await person.ask('settings.update', { controlEnabled: true, controlPort: 0 });
  const status = await person.until((told) =>
    told
      .map((each) => (each.name === 'control.changed' ? each.payload : null))
      .findLast((each) => each?.state === 'on' || each?.state === 'failed'),
  );
  if (status === null || status.file === null) throw new Error(`The control API is not on: ${JSON.stringify(status)}`);
  const { port, token } = controlFileSchema.parse(JSON.parse(await readFile(status.file, 'utf8')));
  return controlClient({ port, token });
}
