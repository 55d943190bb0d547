import {
  ArchiveRestore,
  CloudOff,
  CloudUpload,
  Download,
  Ellipsis,
  FolderOpen,
  Info,
  Link,
  Pause,
  Pencil,
  Pin,
  PinOff,
  Play,
  RefreshCw,
  Trash2,
  X,
} from 'lucide-react';
import { ContextMenu, DropdownMenu } from 'radix-ui';
import { Fragment, useRef, type ReactElement } from 'react';
import type { Recording } from '../../contract/recording.ts';
import { recordingTitle } from '../recording/recording-words.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { commandGroups, commandWords, type Command } from './commands.ts';
import { useCommandPlace } from './use-command-place.ts';

const icons = {
  play: Play,
  details: Info,
  showInFolder: FolderOpen,
  rename: Pencil,
  retry: RefreshCw,
  exportTrack: Download,
  upload: CloudUpload,
  uploadAgain: CloudUpload,
  pauseUpload: Pause,
  resumeUpload: CloudUpload,
  cancelUpload: X,
  copyLink: Link,
  removeFromBucket: CloudOff,
  bringBack: ArchiveRestore,
  pin: Pin,
  unpin: PinOff,
  delete: Trash2,
} as const satisfies Record<Command['kind'], unknown>;

function CommandLine({ command }: { command: Command }) {
  const Icon = icons[command.kind];
  return (
    <>
      <Icon className="icon" aria-hidden />
      <span className="one-line">{commandWords(command)}</span>
    </>
  );
}

const keyOf = (command: Command): string =>
  command.kind === 'exportTrack' ? `${command.kind}-${command.track.id}` : command.kind;

type MenuProps = { recording: Recording; onCommand: (command: Command) => void };

/**
 * A command is carried out once the menu has closed and given the focus back: so a dialog knows where the focus belongs
 * afterwards, and a title that is edited keeps it.
 */
function useAfterClose(onCommand: (command: Command) => void): {
  choose: (command: Command) => void;
  closed: () => void;
} {
  const chosen = useRef<Command | null>(null);
  return {
    choose: (command) => {
      chosen.current = command;
    },
    closed: () => {
      const command = chosen.current;
      chosen.current = null;
      if (command !== null) queueMicrotask(() => onCommand(command));
    },
  };
}

type ItemsProps = {
  recording: Recording;
  onChoose: (command: Command) => void;
  kit: typeof DropdownMenu | typeof ContextMenu;
};

/** What both menus show, a line between the groups. */
function Items({ recording, onChoose, kit: Kit }: ItemsProps) {
  const groups = commandGroups(recording, useCommandPlace(recording.id));
  return groups.map((group, index) => (
    <Fragment key={group[0]?.kind}>
      {index === 0 ? null : <Kit.Separator className="menu-line" />}
      {group.map((command) => (
        <Kit.Item key={keyOf(command)} className="menu-item" onSelect={() => onChoose(command)}>
          <CommandLine command={command} />
        </Kit.Item>
      ))}
    </Fragment>
  ));
}

/** The commands behind the menu button. Non-modal: the modal form injects a style element. */
export function RecordingMenuButton({ recording, onCommand }: MenuProps) {
  const { choose, closed } = useAfterClose(onCommand);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <IconButton label={`More for ${recordingTitle(recording)}`}>
          <Ellipsis className="icon" aria-hidden />
        </IconButton>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="menu"
          align="end"
          sideOffset={4}
          collisionPadding={8}
          onCloseAutoFocus={closed}
        >
          <Items recording={recording} onChoose={choose} kit={DropdownMenu} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** The same commands on a right-click. */
export function RecordingContextMenu({ recording, onCommand, children }: MenuProps & { children: ReactElement }) {
  const { choose, closed } = useAfterClose(onCommand);
  return (
    <ContextMenu.Root modal={false}>
      <ContextMenu.Trigger asChild>{children}</ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Content className="menu" collisionPadding={8} onCloseAutoFocus={closed}>
          <Items recording={recording} onChoose={choose} kit={ContextMenu} />
        </ContextMenu.Content>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}
