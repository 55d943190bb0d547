import { Download, Ellipsis, FolderOpen, Pencil, Play, RefreshCw, Trash2 } from 'lucide-react';
import { ContextMenu, DropdownMenu } from 'radix-ui';
import type { ReactElement } from 'react';
import type { Recording } from '../../contract/recording.ts';
import { recordingTitle } from '../recording/recording-words.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { commandsFor, commandWords, type Command } from './commands.ts';

const icons = {
  play: Play,
  showInFolder: FolderOpen,
  rename: Pencil,
  retry: RefreshCw,
  exportTrack: Download,
  delete: Trash2,
} as const;

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

/** Renaming moves the focus into the title: the menu must not take it back when it closes. */
const keepFocusForTitle = (event: Event): void => {
  if (document.activeElement instanceof HTMLInputElement) event.preventDefault();
};

/** The commands behind the menu button. Non-modal: the modal form injects a style element. */
export function RecordingMenuButton({ recording, onCommand }: MenuProps) {
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
          onCloseAutoFocus={keepFocusForTitle}
        >
          {commandsFor(recording).map((command) => (
            <DropdownMenu.Item key={keyOf(command)} className="menu-item" onSelect={() => onCommand(command)}>
              <CommandLine command={command} />
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** The same commands on a right-click. */
export function RecordingContextMenu({ recording, onCommand, children }: MenuProps & { children: ReactElement }) {
  return (
    <ContextMenu.Root modal={false}>
      <ContextMenu.Trigger asChild>{children}</ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Content className="menu" collisionPadding={8} onCloseAutoFocus={keepFocusForTitle}>
          {commandsFor(recording).map((command) => (
            <ContextMenu.Item key={keyOf(command)} className="menu-item" onSelect={() => onCommand(command)}>
              <CommandLine command={command} />
            </ContextMenu.Item>
          ))}
        </ContextMenu.Content>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}
