import { Mic, MicOff, Video, VideoOff } from 'lucide-react';
import { IconButton } from '../ui/IconButton.tsx';

type DeviceSwitchProps = {
  device: 'microphone' | 'camera';
  on: boolean;
  /** What pressing it does now. */
  label: string;
  onChange: (on: boolean) => void;
};

const icons = { microphone: { on: Mic, off: MicOff }, camera: { on: Video, off: VideoOff } };

/** Switches the own microphone or camera on and off. */
export function DeviceSwitch({ device, on, label, onChange }: DeviceSwitchProps) {
  const Icon = icons[device][on ? 'on' : 'off'];
  return (
    <IconButton label={label} look="raised" large data-off={on ? undefined : ''} onClick={() => onChange(!on)}>
      <Icon className="icon" aria-hidden />
    </IconButton>
  );
}
