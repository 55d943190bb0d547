import { Ellipsis, Film, LogOut, Settings as SettingsIcon, Users } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useState, type KeyboardEvent } from 'react';
import type { CallRecording } from '../../contract/call.ts';
import type { ErrorShape } from '../../contract/errors.ts';
import { useMediaView, useNavigate, useServices, useSettings } from '../app/services.ts';
import type { CallView } from '../call/call-view.ts';
import { deviceChoices } from '../lobby/device-choices.ts';
import { useDeviceChoice } from '../lobby/DeviceMenus.tsx';
import { DeviceSwitch } from '../lobby/DeviceSwitch.tsx';
import { PauseButton } from '../recording/PauseButton.tsx';
import { RecordControl } from '../recording/RecordControl.tsx';
import { Button } from '../ui/Button.tsx';
import { IconButton } from '../ui/IconButton.tsx';
import { CopyInvite } from './CopyInvite.tsx';
import { DeviceMenu } from './DeviceMenu.tsx';
import { MarkerButton } from './MarkerButton.tsx';
import { SpaceLine } from './SpaceLine.tsx';
import { useBarVisible } from './use-bar-visible.ts';
import { markableRecording } from './use-marker-key.ts';

type BottomBarProps = {
  view: Extract<CallView, { kind: 'inCall' }>;
  recording: CallRecording | null;
  panelOpen: boolean;
  onPanel: () => void;
  onLeave: () => void;
  onError: (error: ErrorShape | null) => void;
};

/** The one bar: own devices, Record in the middle, people, invite, leave. */
export function BottomBar({ view, recording, panelOpen, onPanel, onLeave, onError }: BottomBarProps) {
  const { session } = useServices();
  const { devices } = useMediaView();
  const settings = useSettings();
  const choose = useDeviceChoice();
  const [openMenus, setOpenMenus] = useState(0);
  const visible = useBarVisible(recording !== null || openMenus > 0);
  const { call, microphoneOn, cameraOn } = view;
  const markable = markableRecording(view);
  const countMenu = (open: boolean): void => setOpenMenus((count) => Math.max(0, count + (open ? 1 : -1)));

  return (
    <div
      className="bottom-bar"
      role="toolbar"
      aria-label="Call controls"
      data-visible={visible}
      onKeyDown={moveByArrows}
    >
      <div className="bar-side">
        <div className="bar-pair">
          <DeviceSwitch
            device="microphone"
            on={microphoneOn}
            label={microphoneOn ? 'Mute' : 'Unmute'}
            onChange={(on) => void session.setMicrophone(on)}
          />
          <DeviceMenu
            label="Choose microphone and speaker"
            onOpenChange={countMenu}
            groups={[
              {
                label: 'Microphone',
                value: settings.microphoneId,
                choices: deviceChoices(devices.microphones, settings.microphoneId, 'Microphone'),
                onChange: choose.chooseMicrophone,
              },
              {
                label: 'Speaker',
                value: settings.speakerId,
                choices: deviceChoices(devices.speakers, settings.speakerId, 'Speaker'),
                onChange: choose.chooseSpeaker,
              },
            ]}
          />
        </div>
        <div className="bar-pair">
          <DeviceSwitch
            device="camera"
            on={cameraOn}
            label={cameraOn ? 'Turn camera off' : 'Turn camera on'}
            onChange={(on) => void session.setCamera(on)}
          />
          <DeviceMenu
            label="Choose camera"
            onOpenChange={countMenu}
            groups={[
              {
                label: 'Camera',
                value: settings.cameraId,
                choices: deviceChoices(devices.cameras, settings.cameraId, 'Camera'),
                onChange: choose.chooseCamera,
              },
            ]}
          />
        </div>
      </div>
      <div className="bar-middle">
        <RecordControl call={call} recording={recording} onError={onError} />
        {recording !== null && call.role === 'host' ? <PauseButton recording={recording} onError={onError} /> : null}
        {markable === null ? null : <MarkerButton recordingId={markable} />}
        {recording === null && call.role === 'host' ? <SpaceLine people={call.participants.length} /> : null}
      </div>
      <div className="bar-side bar-end">
        <Button
          look="raised"
          large
          aria-label="People"
          aria-expanded={panelOpen}
          aria-pressed={panelOpen}
          onClick={onPanel}
        >
          <Users className="icon" aria-hidden />
          <span className="figures">{call.participants.length}</span>
        </Button>
        <CopyInvite link={call.inviteLink} large />
        <MoreMenu onOpenChange={countMenu} />
        <Button look="outline" large aria-label="Leave" onClick={onLeave}>
          <LogOut className="icon" aria-hidden />
          <span className="leave-words">Leave</span>
        </Button>
      </div>
    </div>
  );
}

/** Left and right move along the bar, as people expect of a toolbar; keys in a menu that hangs on it are the menu's own. */
function moveByArrows(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  const { currentTarget: bar, target } = event;
  if (step === 0 || !(target instanceof HTMLElement) || !bar.contains(target)) return;
  const buttons = Array.from(bar.querySelectorAll<HTMLElement>('button:not(:disabled)'));
  const next = buttons[buttons.indexOf(target) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

function MoreMenu({ onOpenChange }: { onOpenChange: (open: boolean) => void }) {
  const navigate = useNavigate();
  return (
    <DropdownMenu.Root modal={false} onOpenChange={onOpenChange}>
      <DropdownMenu.Trigger asChild>
        <IconButton label="More" look="raised" large>
          <Ellipsis className="icon" aria-hidden />
        </IconButton>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" side="top" sideOffset={8} collisionPadding={8}>
          <DropdownMenu.Item
            className="menu-item"
            onSelect={() => navigate({ kind: 'opened', screen: { kind: 'library' } })}
          >
            <Film className="icon" aria-hidden />
            Library
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu-item"
            onSelect={() => navigate({ kind: 'opened', screen: { kind: 'settings', section: 'devices' } })}
          >
            <SettingsIcon className="icon" aria-hidden />
            Settings
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
