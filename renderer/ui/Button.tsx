import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';

type ButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'type'> & {
  look?: 'primary' | 'raised' | 'outline' | 'plain';
  large?: boolean;
  square?: boolean;
  type?: 'button' | 'submit';
  ref?: Ref<HTMLButtonElement>;
  children: ReactNode;
};

/** A button with a verb on it; never red, because red means "on the disk". */
export function Button({ look = 'raised', large, square, type = 'button', className, children, ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type === 'submit' ? 'submit' : 'button'}
      className={className === undefined ? 'button' : `button ${className}`}
      data-look={look}
      data-large={large ? '' : undefined}
      data-square={square ? '' : undefined}
    >
      {children}
    </button>
  );
}
