import { MixPicture, warmUp } from './mix-picture.ts';
import type { MixCommand, MixNews } from './mix-messages.ts';

/** The part of a dedicated worker's global that is used here; the DOM library describes windows only. */
type WorkerScope = {
  addEventListener(type: 'message', listener: (event: MessageEvent<MixCommand>) => void): void;
  postMessage(news: MixNews, transfer: Transferable[]): void;
  close(): void;
};
const scope = self as unknown as WorkerScope;

let picture: MixPicture | null = null;

scope.addEventListener('message', ({ data: command }) => {
  switch (command.kind) {
    case 'warm':
      warmUp();
      return;
    case 'start':
      picture = new MixPicture(command, (news) => scope.postMessage(news, []));
      return;
    case 'people':
      picture?.setPeople(command.people);
      return;
    case 'picture':
      void picture?.readFrames(command.id, command.frames);
      return;
    case 'noPicture':
      picture?.dropPicture(command.id);
      return;
    case 'stop':
      void picture?.stop().then(() => scope.close());
      return;
    default:
      command satisfies never;
  }
});
