import { TypedField, type TypedFieldProps } from './TypedField.tsx';

/** A number that is typed, with its unit behind it. */
export function NumberSetting(props: Omit<TypedFieldProps, 'numeric' | 'placeholder'>) {
  return <TypedField {...props} numeric />;
}
