import { Switch } from 'radix-ui';

type ToggleProps = {
  id: string;
  checked: boolean;
  describedBy?: string | undefined;
  disabled?: boolean;
  onChange: (on: boolean) => void;
};

/** An on/off switch; the label is the caller's. */
export function Toggle({ id, checked, describedBy, disabled = false, onChange }: ToggleProps) {
  return (
    <Switch.Root
      id={id}
      className="switch"
      checked={checked}
      disabled={disabled}
      aria-describedby={describedBy}
      onCheckedChange={onChange}
    >
      <Switch.Thumb className="switch-thumb" />
    </Switch.Root>
  );
}
