import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { Button } from './Button.tsx';
import { Tip } from './Tip.tsx';

type IconButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'type' | 'aria-label' | 'autoFocus'> & {
  label: string;
  /** Words of the tooltip when they say more than the label. */
  tip?: string;
  look?: 'primary' | 'raised' | 'outline' | 'plain';
  large?: boolean;
  ref?: Ref<HTMLButtonElement>;
  children: ReactNode;
};

/** A square button with a picture; its name is read out and shown on hover and focus. */
export function IconButton({ label, tip, look = 'plain', children, ...rest }: IconButtonProps) {
  return (
    <Tip text={tip ?? label}>
      <Button {...rest} look={look} square aria-label={label}>
        {children}
      </Button>
    </Tip>
  );
}
