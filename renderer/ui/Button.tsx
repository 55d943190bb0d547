import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';

type ButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'type' | 'autoFocus'> & {
  look?: 'primary' | 'raised' | 'outline' | 'plain';
  large?: boolean;
  square?: boolean;
  type?: 'button' | 'submit';
  /** In a dialog: the answer that is ready to press when it opens. */
  autoFocus?: boolean;
  ref?: Ref<HTMLButtonElement>;
  children: ReactNode;
};

/** A button with a verb on it; never red, because red means "on the disk". */
export function Button(props: ButtonProps) {
  const { look = 'raised', large, square, autoFocus, type = 'button', className, children, ...rest } = props;
  return (
    <button
      {...rest}
      type={type === 'submit' ? 'submit' : 'button'}
      className={className === undefined ? 'button' : `button ${className}`}
      data-look={look}
      data-autofocus={autoFocus ? '' : undefined}
      data-large={large ? '' : undefined}
      data-square={square ? '' : undefined}
    >
      {children}
    </button>
  );
}
