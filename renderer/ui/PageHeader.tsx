import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from './IconButton.tsx';

type PageHeaderProps = {
  title: string;
  onBack: () => void;
  /** Stands above a column in the middle of the page, and is as wide as that. */
  column?: boolean;
  children?: ReactNode;
};

/** Top of a page that one came to and goes back from. */
export function PageHeader({ title, onBack, column, children }: PageHeaderProps) {
  return (
    <header className="page-header" data-column={column ? '' : undefined}>
      <IconButton label="Back" onClick={onBack}>
        <ArrowLeft className="icon" aria-hidden />
      </IconButton>
      <h1 className="one-line">{title}</h1>
      {children}
    </header>
  );
}
