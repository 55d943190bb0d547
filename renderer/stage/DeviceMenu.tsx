import { Check, ChevronUp } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { IconButton } from '../ui/IconButton.tsx';
import type { Choice } from '../ui/Select.tsx';

type Group = { label: string; value: string; choices: Choice[]; onChange: (value: string) => void };
type DeviceMenuProps = { label: string; groups: Group[]; onOpenChange: (open: boolean) => void };

/** The small arrow beside a switch: which device it is. Non-modal: the modal form injects a style element. */
export function DeviceMenu({ label, groups, onOpenChange }: DeviceMenuProps) {
  return (
    <DropdownMenu.Root modal={false} onOpenChange={onOpenChange}>
      <DropdownMenu.Trigger asChild>
        <IconButton label={label} look="raised" className="bar-arrow">
          <ChevronUp className="icon" aria-hidden />
        </IconButton>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" side="top" sideOffset={8} collisionPadding={8} align="start">
          {groups.map((group) => (
            <DropdownMenu.RadioGroup
              key={group.label}
              aria-label={group.label}
              value={group.value}
              onValueChange={group.onChange}
            >
              <DropdownMenu.Label className="menu-label">{group.label}</DropdownMenu.Label>
              {group.choices.map((choice) => (
                <DropdownMenu.RadioItem key={choice.value} className="menu-item" value={choice.value}>
                  <span className="menu-item-mark">
                    <DropdownMenu.ItemIndicator>
                      <Check className="icon" aria-hidden />
                    </DropdownMenu.ItemIndicator>
                  </span>
                  <span className="one-line">{choice.label}</span>
                </DropdownMenu.RadioItem>
              ))}
            </DropdownMenu.RadioGroup>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
